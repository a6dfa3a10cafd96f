// Asks for a word before something is gone for good.
import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { type ReactNode, useState } from 'react';
import { FormDialog } from './form_dialog';

export interface TypedConfirmProps {
  title: string;
  word: string;
  action: string; // the button's text
  warning: string;
  children?: ReactNode;
  onConfirm: () => Promise<void>; // an error is shown and the dialog stays
  onClose: () => void;
}

export function TypedWord(props: { word: string; value: string; onChange: (text: string) => void; focus?: boolean }) {
  const { word, value, onChange, focus } = props;
  return (
    <FormField label={`To confirm, type ${word}`}>
      <Input value={value} onChange={({ detail }) => onChange(detail.value)} placeholder={word} autoFocus={focus} />
    </FormField>
  );
}

export function TypedConfirm({ title, word, action, warning, children, onConfirm, onClose }: TypedConfirmProps) {
  const [typed, setTyped] = useState('');
  return (
    <FormDialog title={title} action={action} ready={typed === word} onSubmit={onConfirm} onClose={onClose}>
      {children}
      <Alert type="warning">{warning}</Alert>
      <TypedWord word={word} value={typed} onChange={setTyped} focus />
    </FormDialog>
  );
}
