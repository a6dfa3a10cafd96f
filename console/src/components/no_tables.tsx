// The next step where a table is to be chosen and there is none.
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { go, href } from '../hooks/route';

export function NoTables() {
  return (
    <Alert
      type="info"
      action={<Button onClick={() => go(href(['tables'], { create: 'table' }))}>Create table</Button>}
    >
      There are no tables in this Region yet. Another Region may have some: it is chosen at the top right.
    </Alert>
  );
}
