// Asks for a word before something is gone for good.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';
import { useAct } from '../hooks/load';
import { ErrorAlert } from './error_alert';

export interface TypedConfirmProps {
  title: string;
  word: string;
  action: string; // the button's text
  warning: string;
  children?: ReactNode;
  onConfirm: () => Promise<void>; // an error is shown and the dialog stays
  onClose: () => void;
}

export function TypedConfirm({ title, word, action, warning, children, onConfirm, onClose }: TypedConfirmProps) {
  const [typed, setTyped] = useState('');
  const act = useAct(async () => {
    await onConfirm();
    onClose();
  });
  const ready = typed === word;
  return (
    <Modal
      visible
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
      <SpaceBetween size="m">
        {children}
        <Alert type="warning">{warning}</Alert>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (ready && !act.running) void act.run();
          }}
        >
          <FormField label={`To confirm, type ${word}`}>
            <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} placeholder={word} autoFocus />
          </FormField>
        </form>
        <ErrorAlert error={act.error} />
      </SpaceBetween>
    </Modal>
  );
}
