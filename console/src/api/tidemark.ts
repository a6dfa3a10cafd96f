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

export function tidemarkCaller(credentials: Credentials): TidemarkCall {
  const { accessKeyId, secretAccessKey, sessionToken, region } = credentials;
  const signer = new SignatureV4({
    service: 'dynamodb',
    region,
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  });
  let offset = 0; // of the server's clock, in ms, once it was found to be far off
  const send = async (operation: string, input: object) => {
    const request = await signer.sign(
      {
        method: 'POST',
        protocol: location.protocol,
        hostname: location.hostname,
        path: '/',
        headers: {
          host: location.host,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `Tidemark_20261101.${operation}`,
        },
        body: JSON.stringify(input),
      },
      { signingDate: new Date(Date.now() + offset) },
    );
    const { host: _, ...headers } = request.headers;
    return fetch('/', { method: 'POST', headers, body: request.body as string, cache: 'no-store' });
  };
  // Whether the signature was dated too far off, by the offset of then; they are right from now on.
  const clockCorrected = (response: Response, used: number) => {
    const ahead = Date.parse(response.headers.get('date') ?? '') - (Date.now() + used);
    if (!(Math.abs(ahead) > CLOCK_FAR_MS)) return false;
    offset = used + ahead;
    return true;
  };
  return async (operation, input) => {
    const used = offset; // another request may correct it meanwhile
    let response = await send(operation, input);
    if (!response.ok && clockCorrected(response, used)) response = await send(operation, input);
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.ok) return answer as never;
    const type = String(answer.__type ?? response.status);
    throw new TidemarkError(
      type.slice(type.indexOf('#') + 1),
      String(answer.message ?? answer.Message ?? ''),
      response.status,
      response.headers.get('x-amzn-requestid') ?? undefined,
    );
  };
}
