/** `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark';

export interface ThemeChoice {
  read(): Theme;
  choose(theme: Theme): void;
  subscribe(listener: () => void): () => void;
}

const KEY = 'sotto-theme';

function parseTheme(value: string | null): Theme {
  return value === 'light' || value === 'dark' ? value : 'system';
}

/**
 * Keeps the choice in `storage` and shows it on `root`; a storage that refuses only forgets it. While `mayKeep` says no (a shared
 * computer) the choice holds until the page is closed.
 */
export function createThemeChoice(
  root: HTMLElement,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  mayKeep: () => boolean = () => true,
): ThemeChoice {
  const listeners = new Set<() => void>();
  let theme: Theme = 'system';
  try {
    theme = parseTheme(storage.getItem(KEY));
  } catch {
    // Storage may be denied; the device's own theme is a good answer.
  }
  const show = () => {
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  show();
  return {
    read: () => theme,
    choose(next) {
      theme = next;
      show();
      try {
        if (mayKeep()) storage.setItem(KEY, next);
      } catch {
        // Shown now, forgotten at the next load.
      }
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
