// Tables that AWS Backup has recovery points of.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useApi } from '../api/clients';
import { type ProtectedResource, protectedResources, tableNameOf, vaultNameOf } from '../api/vaults';
import { DataTable } from '../components/data_table';
import { Time, agoText } from '../components/format';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

const arnOf = (resource: ProtectedResource) => resource.ResourceArn ?? '';

export default function Protected() {
  const api = useApi();
  const loaded = useLoad(() => protectedResources(api), [api]);
  return (
    <Page
      title="Protected resources"
      crumbs={[]}
      description="Tables that AWS Backup has recovery points of, whether they are still there or not."
    >
      <DataTable
        title="Protected resources"
        noun="protected resource"
        loaded={loaded}
        items={loaded.value}
        id={arnOf}
        columns={[
          {
            id: 'name',
            header: 'Resource',
            sortingField: 'ResourceArn',
            isRowHeader: true,
            cell: (one) => <Link href={href(['protected', arnOf(one)])}>{tableNameOf(arnOf(one))}</Link>,
          },
          { id: 'type', header: 'Type', cell: (one) => one.ResourceType },
          {
            id: 'last',
            header: 'Last backup',
            sortingField: 'LastBackupTime',
            cell: (one) => <Time at={one.LastBackupTime} />,
          },
          { id: 'age', header: 'Age', cell: (one) => (one.LastBackupTime ? agoText(one.LastBackupTime) : '-') },
          {
            id: 'vault',
            header: 'In vault',
            cell: (one) => {
              const vault = vaultNameOf(one.LastBackupVaultArn);
              return <Link href={href(['vaults', vault])}>{vault}</Link>;
            },
          },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No protected resources</Box>
            <span>A table is listed here once AWS Backup has made a recovery point of it.</span>
            <Button onClick={() => go('#/vault-jobs/create')}>Create on-demand backup</Button>
          </SpaceBetween>
        }
      />
    </Page>
  );
}
