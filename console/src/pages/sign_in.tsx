// Asks for an access key and proves it with GetCallerIdentity.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { signIn } from '../api/clients';
import { type Session, rememberSession } from '../api/session';
import { ErrorAlert } from '../components/error_alert';
import { useAct } from '../hooks/load';
import './sign_in.css';

export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [accessKeyId, setAccessKeyId] = useState('');
  const [secretAccessKey, setSecret] = useState('');
  const [sessionToken, setToken] = useState('');
  const [region, setRegion] = useState('us-east-1');
  const [remember, setRemember] = useState(false);
  const act = useAct(async () => {
    const credentials = {
      accessKeyId: accessKeyId.trim(),
      secretAccessKey: secretAccessKey.trim(),
      region: region.trim(),
    };
    const session = await signIn({ ...credentials, sessionToken: sessionToken.trim() || undefined });
    if (remember) rememberSession(session);
    onSignedIn(session);
  });
  const ready = accessKeyId && secretAccessKey && region;
  return (
    <main className="sign-in">
      <SpaceBetween size="l">
        <Box textAlign="center" fontSize="heading-xl" fontWeight="bold">
          Tidemark
        </Box>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (ready) void act.run();
          }}
        >
          <Container header={<Header variant="h1">Sign in</Header>}>
            <Form
              actions={
                <Button variant="primary" loading={act.running} disabled={!ready}>
                  Sign in
                </Button>
              }
            >
              <SpaceBetween size="m">
                <FormField label="Access key ID">
                  <Input
                    value={accessKeyId}
                    onChange={({ detail }) => setAccessKeyId(detail.value)}
                    autoFocus
                    spellcheck={false}
                  />
                </FormField>
                <FormField label="Secret access key">
                  <Input
                    type="password"
                    value={secretAccessKey}
                    onChange={({ detail }) => setSecret(detail.value)}
                    autoComplete={false}
                  />
                </FormField>
                <FormField
                  label={
                    <span>
                      Session token <i>- optional</i>
                    </span>
                  }
                >
                  <Input
                    type="password"
                    value={sessionToken}
                    onChange={({ detail }) => setToken(detail.value)}
                    autoComplete={false}
                  />
                </FormField>
                <FormField
                  label="Region"
                  constraintText="Small letters, digits and hyphens; each Region is separate."
                >
                  <Input value={region} onChange={({ detail }) => setRegion(detail.value)} spellcheck={false} />
                </FormField>
                <Checkbox checked={remember} onChange={({ detail }) => setRemember(detail.checked)}>
                  Remember for this tab
                </Checkbox>
                {!isSecureContext && (
                  <Alert type="warning">
                    The connection is not encrypted. Requests are signed, but data crosses the network in the open.
                  </Alert>
                )}
                <ErrorAlert error={act.error} />
              </SpaceBetween>
            </Form>
          </Container>
        </form>
        <Box color="text-body-secondary" textAlign="center">
          The server printed root's keys when it was first started. Users get keys in Access.
        </Box>
      </SpaceBetween>
    </main>
  );
}
