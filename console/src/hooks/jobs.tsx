// Long acts that this tab has started, followed until they end: the flashes, the bell and the page Jobs show them.
import { type ReactNode, createContext, useCallback, useContext, useEffect, useRef, useState } from 'react';

export type JobState = 'Running' | 'Completed' | 'Failed';

// What an act has come to; undefined members are not known.
export interface Progress {
  state: JobState;
  percent?: number;
  message?: string;
}

export interface Job {
  id: string;
  kind: 'Backup' | 'Copy' | 'Restore' | 'Item restore' | 'Delete table' | 'Create table';
  title: string; // "Backup nightly of Users"
  href: string; // of what it makes or works on
  created: Date;
  ended?: Date;
  dismissed: boolean;
  progress: Progress;
}

export type NewJob = Pick<Job, 'kind' | 'title' | 'href'> & { look: () => Promise<Progress> };

const LOOK_MS = 1000;
const LOOK_MAX_MS = 10_000;

interface Jobs {
  jobs: Job[];
  follow: (job: NewJob) => void;
  dismiss: (id: string) => void;
}

const JobsContext = createContext<Jobs | null>(null);

export function JobsProvider({ children }: { children: ReactNode }) {
  const [jobs, setJobs] = useState<Job[]>([]);
  const next = useRef(1);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());

  useEffect(() => {
    const running = timers.current;
    return () => running.forEach(clearTimeout);
  }, []);

  const change = useCallback((id: string, part: (job: Job) => Partial<Job>) => {
    setJobs((all) => all.map((job) => (job.id === id ? { ...job, ...part(job) } : job)));
  }, []);

  const follow = useCallback(
    ({ look, ...job }: NewJob) => {
      const id = String(next.current++);
      setJobs((all) => [
        { ...job, id, created: new Date(), dismissed: false, progress: { state: 'Running' } },
        ...all,
      ]);
      const again = (delay: number) => {
        const timer = setTimeout(async () => {
          timers.current.delete(timer);
          if (document.hidden) return again(delay);
          let progress: Progress;
          try {
            progress = await look();
          } catch (error) {
            progress = { state: 'Failed', message: error instanceof Error ? `${error.name}: ${error.message}` : '' };
          }
          const ended = progress.state === 'Running' ? undefined : new Date();
          change(id, () => ({ progress, ended }));
          if (!ended) again(Math.min(delay * 1.2, LOOK_MAX_MS));
        }, delay);
        timers.current.add(timer);
      };
      again(LOOK_MS / 4);
    },
    [change],
  );

  const dismiss = useCallback((id: string) => change(id, () => ({ dismissed: true })), [change]);
  return <JobsContext.Provider value={{ jobs, follow, dismiss }}>{children}</JobsContext.Provider>;
}

export function useJobs(): Jobs {
  const jobs = useContext(JobsContext);
  if (!jobs) throw new Error('no jobs');
  return jobs;
}
