import { useSyncExternalStore } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import type { Theme } from '../../chat/theme.ts';
import { Choices } from '../../components/choices.tsx';
import { Step } from '../../components/step.tsx';

export const THEME_TEXTS: Record<Theme, string> = {
  system: 'As the device',
  light: 'Light',
  dark: 'Dark',
};

const THEMES = (['system', 'light', 'dark'] as const).map((value) => ({ value, text: THEME_TEXTS[value] }));

/** Light, dark, or as the device has it. */
export function ThemeSection() {
  const { theme } = usePage();
  const chosen = useSyncExternalStore(theme.subscribe, theme.read);
  return (
    <Step label="Theme">
      <Choices label="Colours" value={chosen} options={THEMES} onChange={theme.choose} />
    </Step>
  );
}
