// Who may do what: users, groups, policies, and trying out what a user may do.
import Tabs from '@cloudscape-design/components/tabs';
import { Page } from '../components/page';
import { go, href } from '../hooks/route';
import { Group, Groups } from './groups';
import { Policies } from './policies';
import { Simulator } from './simulator';
import { User } from './user';
import { Users } from './users';

export default function Access({ tab, name }: { tab: string; name?: string }) {
  if (tab === 'users' && name) return <User key={name} name={name} />;
  if (tab === 'groups' && name) return <Group key={name} name={name} />;
  return (
    <Page
      title="Access"
      crumbs={[]}
      description="Users, groups and the policies that say what they may do. Root may do everything."
    >
      <Tabs
        ariaLabel="Access"
        activeTabId={tab}
        onChange={({ detail }) => go(href(['access', detail.activeTabId]))}
        tabs={[
          { id: 'users', label: 'Users', content: <Users /> },
          { id: 'groups', label: 'Groups', content: <Groups /> },
          { id: 'policies', label: 'Policies', content: <Policies /> },
          { id: 'simulate', label: 'Simulate', content: <Simulator /> },
        ]}
      />
    </Page>
  );
}
