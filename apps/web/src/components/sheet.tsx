import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import './sheet.css';

interface SheetProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** Where the sheet is a part of a larger one: the way back there. */
  readonly onBack?: (() => void) | undefined;
  /** `alertdialog` cannot be dismissed by Escape or by a click beside it, and has no close button. */
  readonly role?: 'dialog' | 'alertdialog';
}

/** A dialog in the middle on a desk, from the bottom edge on a phone. Focus stays inside and goes back when closed. */
export function Sheet({ title, children, onClose, onBack, role = 'dialog' }: SheetProps) {
  const blocks = role === 'alertdialog';
  return (
    <ModalOverlay
      className="shade"
      isOpen
      isDismissable={!blocks}
      isKeyboardDismissDisabled={blocks}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="sheet-modal">
        <Dialog className="sheet" role={role}>
          <header className={onBack === undefined ? 'sheet-head' : 'sheet-head sheet-head-part'}>
            {onBack === undefined ? null : (
              <Button look="icon" aria-label="Back" onPress={onBack}>
                <Icon name="back" />
              </Button>
            )}
            <Heading slot="title" className="sheet-title">
              {title}
            </Heading>
            {blocks ? null : (
              <Button look="icon" aria-label="Close" onPress={onClose}>
                <Icon name="close" />
              </Button>
            )}
          </header>
          <div className="sheet-body">{children}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
