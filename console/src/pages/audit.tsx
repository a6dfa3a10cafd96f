// Frameworks, which say what is to be so with backups, and reports.
import Tabs from '@cloudscape-design/components/tabs';
import { Page } from '../components/page';
import { go, href } from '../hooks/route';
import { Frameworks } from './frameworks';
import { ReportJobs } from './report_jobs';
import { ReportPlans } from './report_plans';

export default function Audit({ tab }: { tab: string }) {
  return (
    <Page
      title="Frameworks and reports"
      crumbs={[]}
      description="What is to be so with backups, and whether it is; reports are files of that, and of jobs."
    >
      <Tabs
        ariaLabel="Frameworks and reports"
        activeTabId={tab}
        onChange={({ detail }) => go(href(['audit', detail.activeTabId]))}
        tabs={[
          { id: 'frameworks', label: 'Frameworks', content: tab === 'frameworks' && <Frameworks /> },
          { id: 'reports', label: 'Report plans', content: tab === 'reports' && <ReportPlans /> },
          { id: 'report-jobs', label: 'Report jobs', content: tab === 'report-jobs' && <ReportJobs /> },
        ]}
      />
    </Page>
  );
}
