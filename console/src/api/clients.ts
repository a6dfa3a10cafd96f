// Clients of the server this page came from.
import type { BackupClient } from '@aws-sdk/client-backup';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { IAMClient } from '@aws-sdk/client-iam';
import { createContext, useContext } from 'react';
import type { Credentials, Session } from './session';
import { type TidemarkCall, backupReader, tidemarkCaller } from './tidemark';

export interface Api {
  session: Session;
  dynamodb: DynamoDBClient;
  tidemark: TidemarkCall; // the server's own operations
  backupRaw: (path: string) => Promise<unknown>; // an answer of AWS Backup, whole
  backup: () => Promise<BackupClient>; // AWS Backup; loaded when first used, as IAM's
  iam: () => Promise<IAMClient>;
}

export function clientConfig(credentials: Credentials) {
  const { accessKeyId, secretAccessKey, sessionToken, region } = credentials;
  return {
    endpoint: location.origin,
    region,
    maxAttempts: 3,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  };
}

export function makeApi(session: Session): Api {
  const config = clientConfig(session);
  let backup: Promise<BackupClient> | undefined;
  let iam: Promise<IAMClient> | undefined;
  return {
    session,
    dynamodb: new DynamoDBClient(config),
    tidemark: tidemarkCaller(session),
    backupRaw: backupReader(session),
    backup: () =>
      (backup ??= import('@aws-sdk/client-backup').then(({ BackupClient: Client }) => new Client(config))),
    iam: () => (iam ??= import('@aws-sdk/client-iam').then(({ IAMClient: Client }) => new Client(config))),
  };
}

// Proves the credentials and tells whose they are. Throws what the server answers.
export async function signIn(credentials: Credentials): Promise<Session> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const identity = await new STSClient(clientConfig(credentials)).send(new GetCallerIdentityCommand({}));
  return { ...credentials, account: identity.Account ?? '', arn: identity.Arn ?? '' };
}

const ApiContext = createContext<Api | null>(null);
export const ApiProvider = ApiContext.Provider;

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('no one is signed in');
  return api;
}
