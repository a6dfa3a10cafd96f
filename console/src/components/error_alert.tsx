// What the server refused, in its own words, with the request id; what it means where that is known.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Link from '@cloudscape-design/components/link';
import { Copy } from './copy';

interface AwsError {
  name?: string;
  message?: string;
  $metadata?: { requestId?: string };
}

// By name of error, what to do about it.
export type Explanations = Record<string, string>;

const LONG = 300; // characters of a message beyond which it is folded

const KNOWN: Explanations = {
  InvalidClientTokenId: 'The server knows no such access key. Check the access key ID.',
  SignatureDoesNotMatch: 'The secret is not that of this access key. Check the secret access key.',
  ExpiredToken: 'The session has ended. Sign in anew.',
};

export function errorText(error: unknown): string {
  const { name, message } = (error ?? {}) as AwsError;
  return message ? `${name}: ${message}` : String(name ?? error);
}

function Message({ text }: { text: string }) {
  if (text.length <= LONG) return <span className="lines">{text}</span>;
  return (
    <ExpandableSection headerText="What the server says" headingTagOverride="h3">
      <span className="breakable lines">{text}</span>
    </ExpandableSection>
  );
}

interface Props {
  error: unknown;
  onRetry?: () => void;
  explain?: Explanations;
}

export function ErrorAlert({ error, onRetry, explain = {} }: Props) {
  if (!error) return null;
  const { name = 'Error', message = String(error), $metadata } = error as AwsError;
  const denied = name.startsWith('AccessDenied');
  const unreachable = error instanceof TypeError && /fetch|network/i.test(message);
  const meaning = explain[name] ?? KNOWN[name] ?? (unreachable ? 'The server does not answer. Is it running?' : '');
  return (
    <Alert type="error" header={name} buttonText={onRetry ? 'Retry' : undefined} onButtonClick={onRetry}>
      {meaning && <div>{meaning}</div>}
      <Message text={message} />
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
