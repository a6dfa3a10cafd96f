// Sign-in, then the frame with the page that the URL names.
import { useMemo, useState } from 'react';
import { ApiProvider, makeApi } from './api/clients';
import { type Session, isRemembered, rememberSession, rememberedSession } from './api/session';
import { Frame } from './components/frame';
import { JobsProvider } from './hooks/jobs';
import { SignIn } from './pages/sign_in';

export function App() {
  const [session, setSession] = useState<Session | null>(rememberedSession);
  const api = useMemo(() => (session ? makeApi(session) : null), [session]);
  if (!api) return <SignIn onSignedIn={setSession} />;

  const leave = () => {
    rememberSession(null);
    setSession(null);
  };
  const changeRegion = (region: string) => {
    const changed = { ...api.session, region };
    if (isRemembered()) rememberSession(changed);
    setSession(changed);
  };
  return (
    <ApiProvider value={api}>
      <JobsProvider key={`${api.session.accessKeyId} ${api.session.region}`}>
        <Frame onSignOut={leave} onRegion={changeRegion} />
      </JobsProvider>
    </ApiProvider>
  );
}
