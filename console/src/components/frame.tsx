// What stands around every page: top bar, side navigation, flashes of running acts.
import AppLayout from '@cloudscape-design/components/app-layout';
import Flashbar from '@cloudscape-design/components/flashbar';
import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import Spinner from '@cloudscape-design/components/spinner';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useJobs } from '../hooks/jobs';
import { useRoute } from '../hooks/route';
import { Pages } from '../pages';
import { jobFlash } from './job_flash';
import { TopBar } from './top_bar';

const LINKS: SideNavigationProps.Item[] = [
  { type: 'link', text: 'Dashboard', href: '#/dashboard' },
  { type: 'link', text: 'Tables', href: '#/tables' },
  { type: 'link', text: 'Explore items', href: '#/explore' },
  { type: 'link', text: 'Backups', href: '#/backups' },
  { type: 'link', text: 'Jobs', href: '#/jobs' },
  {
    type: 'section-group',
    title: 'AWS Backup',
    items: [
      { type: 'link', text: 'Vaults', href: '#/vaults' },
      { type: 'link', text: 'Plans', href: '#/plans' },
      { type: 'link', text: 'AWS Backup jobs', href: '#/vault-jobs' },
      { type: 'link', text: 'Protected resources', href: '#/protected' },
      { type: 'link', text: 'Restore testing', href: '#/restore-testing' },
      { type: 'link', text: 'Legal holds', href: '#/legal-holds' },
      { type: 'link', text: 'Frameworks and reports', href: '#/audit' },
    ],
  },
  { type: 'divider' },
  { type: 'link', text: 'Costs', href: '#/costs' },
  { type: 'link', text: 'Access', href: '#/access' },
  { type: 'link', text: 'Server', href: '#/server' },
];

const SEEN_MS = 2000; // that a flash was there for, to count as seen
const NARROW = '(max-width: 688px)';

export function Frame({ onSignOut, onRegion }: { onSignOut: () => void; onRegion: (region: string) => void }) {
  const [open, setOpen] = useState(!matchMedia(NARROW).matches);
  const { jobs, dismiss } = useJobs();
  const { path } = useRoute();
  const here = path.join('/');
  const known = useRef(jobs);
  known.current = jobs;
  // What has been done and seen goes with the page it was seen on; Jobs still lists it.
  useEffect(() => {
    const seen = Date.now() - SEEN_MS;
    for (const job of known.current) {
      if (job.progress.state === 'Completed' && (job.ended?.getTime() ?? seen) < seen) dismiss(job.id);
    }
  }, [here, dismiss]);
  const section = path[0] === 'restore' ? 'backups' : (path[0] ?? 'dashboard');
  return (
    <>
      <div id="top">
        <TopBar onSignOut={onSignOut} onRegion={onRegion} />
      </div>
      <AppLayout
        headerSelector="#top"
        toolsHide
        stickyNotifications
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        ariaLabels={{
          navigation: 'Side navigation',
          navigationToggle: 'Open side navigation',
          navigationClose: 'Close side navigation',
          notifications: 'Notifications',
        }}
        navigation={
          <SideNavigation
            header={{ text: 'Tidemark', href: '#/dashboard' }}
            activeHref={`#/${section}`}
            items={LINKS}
            onFollow={() => {
              if (matchMedia(NARROW).matches) setOpen(false);
            }}
          />
        }
        notifications={
          <Flashbar stackItems items={jobs.filter((job) => !job.dismissed).map((job) => jobFlash(job, dismiss))} />
        }
        content={
          <Suspense fallback={<Spinner size="large" />}>
            <Pages />
          </Suspense>
        }
      />
    </>
  );
}
