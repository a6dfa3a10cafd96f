// Breadcrumbs, one H1 with its buttons, then the page.
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useEffect } from 'react';

export interface Crumb {
  text: string;
  href: string;
}

interface Props {
  title: string;
  crumbs: Crumb[]; // what stands above this page
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Crumbs({ title, crumbs }: Pick<Props, 'title' | 'crumbs'>) {
  useEffect(() => {
    document.title = `${title} - Tidemark`;
  }, [title]);
  return <BreadcrumbGroup items={[...crumbs, { text: title, href: location.hash }]} ariaLabel="Breadcrumbs" />;
}

export function Page({ title, crumbs, description, actions, children }: Props) {
  return (
    <SpaceBetween size="s">
      <Crumbs title={title} crumbs={crumbs} />
      <ContentLayout
        header={
          <Header variant="h1" description={description} actions={actions}>
            {title}
          </Header>
        }
      >
        <SpaceBetween size="l">{children}</SpaceBetween>
      </ContentLayout>
    </SpaceBetween>
  );
}
