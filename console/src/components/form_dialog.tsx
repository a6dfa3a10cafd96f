// A dialog with fields and one act; it stays open with the error when the act is refused.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal, { type ModalProps } from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useId } from 'react';
import { useAct } from '../hooks/load';
import { ErrorAlert, type Explanations } from './error_alert';

interface Props {
  title: string;
  action: string; // the button's text
  ready: boolean;
  size?: ModalProps.Size;
  children: ReactNode;
  onSubmit: () => Promise<void>;
  onDone?: () => void;
  explain?: Explanations;
  onClose: () => void;
}

export function FormDialog(props: Props) {
  const { title, action, ready, size, children, onSubmit, onDone, onClose } = props;
  const form = useId();
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
            <Button variant="primary" form={form} disabled={!ready} loading={act.running}>
              {action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation(); // a form that the dialog is opened from is not meant
          if (ready && !act.running) void act.run();
        }}
      >
        <SpaceBetween size="m">
          {children}
          <ErrorAlert error={act.error} explain={props.explain} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
