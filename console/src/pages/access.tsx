// Who may do what: users, policies, and trying out what a user may do.
import Tabs from '@cloudscape-design/components/tabs';
import { Page } from '../components/page';
import { go, href } from '../hooks/route';
import { Policies } from './policies';
import { Simulator } from './simulator';
import { Users } from './users';

export default function Access({ tab }: { tab: string }) {
  return (
    <Page
      title="Access"
      crumbs={[]}
      description="Users and the policies that say what they may do. Root may do everything."
    >
      <Tabs
        ariaLabel="Access"
        activeTabId={tab}
        onChange={({ detail }) => go(href(['access', detail.activeTabId]))}
        tabs={[
          { id: 'users', label: 'Users', content: <Users /> },
          { id: 'policies', label: 'Policies', content: <Policies /> },
          { id: 'simulate', label: 'Simulate', content: <Simulator /> },
        ]}
      />
    </Page>
  );
}
