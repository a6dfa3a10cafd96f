import Link from '@cloudscape-design/components/link';
import { Page } from '../components/page';

export default function NotFound() {
  return (
    <Page title="There is no such page" crumbs={[]}>
      <Link href="#/tables">Tables</Link>
    </Page>
  );
}
