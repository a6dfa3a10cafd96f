// Loads a value when a page is shown and again while something on it is in progress.
import { useCallback, useEffect, useRef, useState } from 'react';

const FIRST_MS = 1000;
const LAST_MS = 10_000;

export interface Loaded<T> {
  value: T | undefined; // the last one that came; kept while it is loaded again, not when a dependency changes
  error: unknown;
  loading: boolean;
  at: Date | undefined; // when value came
  refresh: () => void;
}

export interface LoadOptions<T> {
  // While true of the value it is loaded again: after 1 s, then ever more rarely, at least each 10 s; not while the
  // page is hidden.
  busy?: (value: T) => boolean;
}

const EMPTY = { value: undefined, error: undefined, loading: true, at: undefined };

// `load` is called anew when a member of `deps` changes; what earlier calls bring or have brought is thrown away.
// `load` may show parts of the value while it goes on; they are seen only where there was nothing whole before. What
// asks many times heeds `signal`, so that a page that was left does not hold up the next one.
export function useLoad<T>(
  load: (show: (part: T) => void, signal: AbortSignal) => Promise<T>,
  deps: unknown[],
  options: LoadOptions<T> = {},
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'refresh'>>(EMPTY);
  const [round, setRound] = useState(0);
  const [loadedFor, setLoadedFor] = useState(deps);
  if (loadedFor.some((one, at) => !Object.is(one, deps[at]))) {
    setLoadedFor(deps);
    setState(EMPTY);
  }
  const busy = useRef(options.busy);
  busy.current = options.busy;

  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let delay = FIRST_MS;
    const left = new AbortController();
    const run = async () => {
      if (document.hidden) return; // `wake` goes on
      setState((old) => ({ ...old, loading: true }));
      let shown: T | undefined;
      try {
        const value = await load((part) => {
          if (!current) return;
          const before = shown;
          shown = part;
          setState((old) => (old.value === before ? { ...old, value: part } : old));
        }, left.signal);
        if (!current) return;
        setState({ value, error: undefined, loading: false, at: new Date() });
        if (busy.current?.(value)) {
          timer = setTimeout(run, delay);
          delay = Math.min(delay * 1.3, LAST_MS);
        }
      } catch (error) {
        if (current) setState((old) => ({ ...old, error, loading: false }));
      }
    };
    const wake = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      void run();
    };
    document.addEventListener('visibilitychange', wake);
    void run();
    return () => {
      current = false;
      left.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [...deps, round]);

  const refresh = useCallback(() => setRound((n) => n + 1), []);
  return { ...state, refresh };
}

// Runs an act once at a time; keeps its error for the form that shows it.
export function useAct<Args extends unknown[]>(act: (...args: Args) => Promise<void>) {
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (...args: Args) => {
    setRunning(true);
    setError(undefined);
    try {
      await act(...args);
    } catch (e) {
      setError(e);
    } finally {
      setRunning(false);
    }
  };
  return { run, running, error, clear: () => setError(undefined) };
}
