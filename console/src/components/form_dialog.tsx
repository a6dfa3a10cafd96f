// A dialog with fields and one act; it stays open with the error when the act is refused.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal, { type ModalProps } from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { useAct } from '../hooks/load';
import { ErrorAlert } from './error_alert';

interface Props {
  title: string;
  action: string; // the button's text
  ready: boolean;
  size?: ModalProps.Size;
  children: ReactNode;
  onSubmit: () => Promise<void>;
  onDone?: () => void;
  onClose: () => void;
}

export function FormDialog({ title, action, ready, size, children, onSubmit, onDone, onClose }: Props) {
  const act = useAct(async () => {
    await onSubmit();
    onDone?.();
    onClose();
  });
  return (
    <Modal
      visible
      size={size}
      header={title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" disabled={!ready} loading={act.running} onClick={() => void act.run()}>
              {action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !act.running) void act.run();
        }}
      >
        <SpaceBetween size="m">
          {children}
          <ErrorAlert error={act.error} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
