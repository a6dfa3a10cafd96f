import TopNavigation from '@cloudscape-design/components/top-navigation';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { userName } from '../api/session';
import { useJobs } from '../hooks/jobs';
import { go } from '../hooks/route';
import { useSettings } from '../hooks/settings';
import { RegionDialog } from './region_dialog';

export function TopBar({ onSignOut, onRegion }: { onSignOut: () => void; onRegion: (region: string) => void }) {
  const { session } = useApi();
  const { jobs } = useJobs();
  const { settings, change } = useSettings();
  const [choosing, setChoosing] = useState(false);
  const running = jobs.filter((job) => job.progress.state === 'Running').length;
  const acts: Record<string, () => void> = {
    dark: () => change({ dark: !settings.dark }),
    compact: () => change({ compact: !settings.compact }),
    time: () => change({ localTime: !settings.localTime }),
    out: onSignOut,
  };
  return (
    <>
      <TopNavigation
        identity={{ href: '#/dashboard', title: 'Tidemark' }}
        utilities={[
          {
            type: 'button',
            iconName: 'notification',
            text: running ? `${running} running` : undefined,
            ariaLabel: running ? `Jobs: ${running} running` : 'Jobs',
            title: 'Jobs',
            onClick: () => go('#/jobs'),
          },
          {
            type: 'button',
            text: session.region,
            ariaLabel: `Region ${session.region}`,
            onClick: () => setChoosing(true),
          },
          {
            type: 'menu-dropdown',
            text: `${userName(session.arn)} @ ${session.account}`,
            description: session.arn,
            iconName: 'user-profile',
            onItemClick: ({ detail }) => acts[detail.id]?.(),
            items: [
              { id: 'dark', text: settings.dark ? 'Light mode' : 'Dark mode' },
              { id: 'compact', text: settings.compact ? 'Comfortable density' : 'Compact density' },
              { id: 'time', text: settings.localTime ? 'Show times in UTC' : 'Show local times' },
              { id: 'out', text: 'Sign out' },
            ],
          },
        ]}
      />
      {choosing && <RegionDialog current={session.region} onChoose={onRegion} onClose={() => setChoosing(false)} />}
    </>
  );
}
