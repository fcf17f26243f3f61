import type { ReactNode } from 'react';
import { createPortal } from 'react-dom';
import './print-page.css';

/** What comes out of the printer instead of the screen, as long as it is mounted. Never seen on the screen itself. */
export function PrintPage({ children }: { readonly children: ReactNode }) {
  return createPortal(<article className="print-page">{children}</article>, document.body);
}
