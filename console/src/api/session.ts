// Who is signed in. Credentials live in memory; with "remember for this tab" in sessionStorage too, never in
// localStorage.
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  region: string;
}

export interface Session extends Credentials {
  account: string; // 12 digits
  arn: string; // of the user or of root
}

const KEY = 'tidemark.session';

export function rememberedSession(): Session | null {
  try {
    const text = sessionStorage.getItem(KEY);
    return text ? (JSON.parse(text) as Session) : null;
  } catch {
    return null;
  }
}

export function rememberSession(session: Session | null): void {
  if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
  else sessionStorage.removeItem(KEY);
}

export function isRemembered(): boolean {
  return sessionStorage.getItem(KEY) !== null;
}

// "root" or the user's name, from an ARN such as arn:aws:iam::123456789012:user/team/ann.
export function userName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1).replace(/^arn:.*:/, '');
}

export function isRegion(text: string): boolean {
  return /^[a-z0-9-]+$/.test(text);
}
