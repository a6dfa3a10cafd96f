// From the URL to a page. Pages are loaded when first shown.
import { lazy } from 'react';
import { useRoute } from '../hooks/route';

const Access = lazy(() => import('./access'));
const BackupDetails = lazy(() => import('./backup_details'));
const BackupItems = lazy(() => import('./backup_items'));
const Audit = lazy(() => import('./audit'));
const Backups = lazy(() => import('./backups'));
const Costs = lazy(() => import('./costs'));
const CreateBackup = lazy(() => import('./create_backup'));
const Dashboard = lazy(() => import('./dashboard'));
const Explore = lazy(() => import('./explore'));
const FrameworkPage = lazy(() => import('./framework'));
const Hold = lazy(() => import('./hold'));
const Holds = lazy(() => import('./holds'));
const Item = lazy(() => import('./item'));
const JobPage = lazy(() => import('./job'));
const Jobs = lazy(() => import('./jobs'));
const NotFound = lazy(() => import('./not_found'));
const EditPlan = lazy(() => import('./edit_plan'));
const Plan = lazy(() => import('./plan'));
const Plans = lazy(() => import('./plans'));
const Protected = lazy(() => import('./protected'));
const ProtectedResource = lazy(() => import('./protected_resource'));
const RecoveryPoint = lazy(() => import('./recovery_point'));
const Restore = lazy(() => import('./restore'));
const RestorePoint = lazy(() => import('./restore_point'));
const ServerPage = lazy(() => import('./server'));
const Table = lazy(() => import('./table'));
const Tables = lazy(() => import('./tables'));
const Testing = lazy(() => import('./testing'));
const TestingPlan = lazy(() => import('./testing_plan'));
const Vault = lazy(() => import('./vault'));
const VaultBackup = lazy(() => import('./vault_backup'));
const VaultJobs = lazy(() => import('./vault_jobs'));
const Vaults = lazy(() => import('./vaults'));

// What AWS Backup has beside DynamoDB.
function vaultPage([, name, tab = 'points', arn]: string[]) {
  if (!name) return <Vaults />;
  if (arn && tab === 'points') return <RecoveryPoint key={arn} vault={name} arn={arn} />;
  if (arn && tab === 'restore') return <RestorePoint key={arn} vault={name} arn={arn} />;
  return <Vault key={name} name={name} tab={tab} />;
}

export function Pages() {
  const { path, query } = useRoute();
  const [section = 'dashboard', name, tab] = path;
  switch (section) {
    case 'access':
      return <Access tab={name ?? 'users'} name={tab} />;
    case 'audit':
      if (name === 'frameworks' && tab) return <FrameworkPage key={tab} name={tab} />;
      return <Audit tab={name ?? 'frameworks'} />;
    case 'backups':
      if (name === 'create') return <CreateBackup table={query.get('table') ?? ''} />;
      return name ? <BackupDetails key={name} arn={name} /> : <Backups />;
    case 'browse':
      return <BackupItems key={name} arn={name ?? ''} vault={query.get('vault')} />;
    case 'costs':
      return <Costs />;
    case 'dashboard':
      return <Dashboard />;
    case 'explore':
      return <Explore key={name} name={name} at={query.get('at')} />;
    case 'item':
      return <Item table={name ?? ''} itemKey={query.get('key') ?? '{}'} />;
    case 'jobs':
      return name ? <JobPage key={name} id={name} /> : <Jobs />;
    case 'legal-holds':
      return name ? <Hold key={name} id={name} /> : <Holds />;
    case 'plans':
      if (name === 'create') return <EditPlan id={undefined} />;
      if (name) return tab === 'edit' ? <EditPlan key={name} id={name} /> : <Plan key={name} id={name} />;
      return <Plans />;
    case 'protected':
      return name ? <ProtectedResource key={name} arn={name} /> : <Protected />;
    case 'restore':
      return (
        <Restore
          key={query.toString()}
          backup={query.get('backup')}
          table={query.get('table')}
          at={query.get('at')}
        />
      );
    case 'restore-testing':
      return name ? <TestingPlan key={name} name={name} /> : <Testing />;
    case 'server':
      return <ServerPage />;
    case 'tables':
      return name ? (
        <Table key={name} name={name} tab={tab ?? 'overview'} />
      ) : (
        <Tables key={query.toString()} create={query.has('create')} />
      );
    case 'vault-jobs':
      if (name === 'create') {
        return <VaultBackup table={query.get('table') ?? ''} vault={query.get('vault') ?? ''} />;
      }
      return <VaultJobs tab={name ?? 'backup'} />;
    case 'vaults':
      return vaultPage(path);
    default:
      return <NotFound />;
  }
}
