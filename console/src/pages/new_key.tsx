// A new access key of a user; the secret is shown once.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { createAccessKey } from '../api/access';
import { useApi } from '../api/clients';
import { Copy } from '../components/copy';
import { ErrorAlert } from '../components/error_alert';
import { useAct } from '../hooks/load';

export function NewKey({ user, onClose, onDone }: { user: string; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [key, setKey] = useState<{ id: string; secret: string }>();
  const act = useAct(async () => {
    setKey(await createAccessKey(api, user));
    onDone();
  });
  return (
    <Modal
      visible
      header={`Access key of ${user}`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          {key ? (
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          ) : (
            <Button variant="primary" loading={act.running} onClick={() => void act.run()}>
              Create access key
            </Button>
          )}
        </Box>
      }
    >
      <SpaceBetween size="s">
        {key ? (
          <>
            <Alert type="warning">The secret is shown this once.</Alert>
            <FormField label="Access key ID">
              <Copy text={key.id} what="access key id" />
            </FormField>
            <FormField label="Secret access key">
              <Copy text={key.secret} what="secret" />
            </FormField>
          </>
        ) : (
          <span>With it {user} can sign in here and use any AWS client, within what its policies allow.</span>
        )}
        <ErrorAlert error={act.error} />
      </SpaceBetween>
    </Modal>
  );
}
