// From the URL to a page. Pages are loaded when first shown.
import { lazy } from 'react';
import { useRoute } from '../hooks/route';

const Access = lazy(() => import('./access'));
const BackupDetails = lazy(() => import('./backup_details'));
const Backups = lazy(() => import('./backups'));
const CreateBackup = lazy(() => import('./create_backup'));
const Dashboard = lazy(() => import('./dashboard'));
const Explore = lazy(() => import('./explore'));
const Item = lazy(() => import('./item'));
const JobPage = lazy(() => import('./job'));
const Jobs = lazy(() => import('./jobs'));
const NotFound = lazy(() => import('./not_found'));
const Restore = lazy(() => import('./restore'));
const ServerPage = lazy(() => import('./server'));
const Table = lazy(() => import('./table'));
const Tables = lazy(() => import('./tables'));

export function Pages() {
  const { path, query } = useRoute();
  const [section = 'dashboard', name, tab] = path;
  switch (section) {
    case 'access':
      return <Access tab={name ?? 'users'} name={tab} />;
    case 'backups':
      if (name === 'create') return <CreateBackup table={query.get('table') ?? ''} />;
      return name ? <BackupDetails key={name} arn={name} /> : <Backups />;
    case 'dashboard':
      return <Dashboard />;
    case 'explore':
      return <Explore key={name} name={name} at={query.get('at')} />;
    case 'item':
      return <Item table={name ?? ''} itemKey={query.get('key') ?? '{}'} />;
    case 'jobs':
      return name ? <JobPage key={name} id={name} /> : <Jobs />;
    case 'restore':
      return (
        <Restore
          key={query.toString()}
          backup={query.get('backup')}
          table={query.get('table')}
          at={query.get('at')}
        />
      );
    case 'server':
      return <ServerPage />;
    case 'tables':
      return name ? (
        <Table key={name} name={name} tab={tab ?? 'overview'} />
      ) : (
        <Tables key={query.toString()} create={query.has('create')} />
      );
    default:
      return <NotFound />;
  }
}
