// What the server refused, in its own words, with the request id.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import { Copy } from './copy';

interface AwsError {
  name?: string;
  message?: string;
  $metadata?: { requestId?: string };
}

export function errorText(error: unknown): string {
  const { name, message } = (error ?? {}) as AwsError;
  return message ? `${name}: ${message}` : String(name ?? error);
}

export function ErrorAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (!error) return null;
  const { name = 'Error', message = String(error), $metadata } = error as AwsError;
  const denied = name.startsWith('AccessDenied');
  return (
    <Alert type="error" header={name} buttonText={onRetry ? 'Retry' : undefined} onButtonClick={onRetry}>
      {message}
      {denied && (
        <div>
          A policy has to allow this: <Link href="#/access">Access</Link>
        </div>
      )}
      {$metadata?.requestId && (
        <Box variant="small" display="block">
          Request id <Copy text={$metadata.requestId} what="request id" />
        </Box>
      )}
    </Alert>
  );
}
