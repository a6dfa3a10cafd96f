// The server's own operations (docs/past.md): POST / in AWS JSON 1.0, signed for dynamodb, under our own target.
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from './session';
import type { Operations } from './operations';

export type TidemarkCall = <Name extends keyof Operations>(
  operation: Name,
  input: Operations[Name]['input'],
) => Promise<Operations[Name]['output']>;

// What the server answered instead of doing it; the same members as the SDK's errors.
export class TidemarkError extends Error {
  readonly $metadata: { requestId?: string; httpStatusCode: number };
  constructor(name: string, message: string, httpStatusCode: number, requestId?: string) {
    super(message);
    this.name = name;
    this.$metadata = { requestId, httpStatusCode };
  }
}

const CLOCK_FAR_MS = 4 * 60_000; // signatures further off than 15 minutes are refused

interface Sent {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

// Sends requests signed for a service; an answer that is an error is thrown.
function signedSender(credentials: Credentials, service: string): (request: Sent) => Promise<unknown> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = credentials;
  const signer = new SignatureV4({
    service,
    region,
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  });
  let offset = 0; // of the server's clock, in ms, once it was found to be far off
  const send = async ({ method, path, headers: given, body }: Sent) => {
    const request = await signer.sign(
      {
        method,
        protocol: location.protocol,
        hostname: location.hostname,
        path,
        headers: { host: location.host, ...given },
        body,
      },
      { signingDate: new Date(Date.now() + offset) },
    );
    const { host: _, ...headers } = request.headers;
    return fetch(path, { method, headers, body, cache: 'no-store' });
  };
  // Whether the signature was dated too far off, by the offset of then; they are right from now on.
  const clockCorrected = (response: Response, used: number) => {
    const ahead = Date.parse(response.headers.get('date') ?? '') - (Date.now() + used);
    if (!(Math.abs(ahead) > CLOCK_FAR_MS)) return false;
    offset = used + ahead;
    return true;
  };
  return async (request) => {
    const used = offset; // another request may correct it meanwhile
    let response = await send(request);
    if (!response.ok && clockCorrected(response, used)) response = await send(request);
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.ok) return answer;
    const type = String(answer.__type ?? response.headers.get('x-amzn-errortype') ?? response.status);
    throw new TidemarkError(
      type.slice(type.indexOf('#') + 1),
      String(answer.message ?? answer.Message ?? ''),
      response.status,
      response.headers.get('x-amzn-requestid') ?? undefined,
    );
  };
}

export function tidemarkCaller(credentials: Credentials): TidemarkCall {
  const send = signedSender(credentials, 'dynamodb');
  return (operation, input) =>
    send({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `Tidemark_20261101.${operation}`,
      },
      body: JSON.stringify(input),
    }) as never;
}

// Answers of AWS Backup as they are, with what its SDK leaves out.
export function backupReader(credentials: Credentials): (path: string) => Promise<unknown> {
  const send = signedSender(credentials, 'backup');
  return (path) => send({ method: 'GET', path });
}
