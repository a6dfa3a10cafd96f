// A new plan, or another version of one.
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { type BackupPlanInput, createPlan, describePlan, updatePlan } from '../api/plans';
import { SCHEDULES, TEMPLATES, newRule } from '../api/schedules';
import { ErrorAlert } from '../components/error_alert';
import { Page } from '../components/page';
import { PlanEstimate } from '../components/plan_estimate';
import { RuleFields, draftOf, isRule, ruleOf } from '../components/rule_fields';
import { ShowAs } from '../components/show_as';
import { useAct, useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

function Templates({ onChoose }: { onChoose: (plan: BackupPlanInput) => void }) {
  const [chosen, setChosen] = useState<string | undefined>(TEMPLATES[0]?.[0]);
  return (
    <FormField label="Begin with">
      <Select
        selectedOption={chosen ? { value: chosen, label: chosen } : null}
        options={TEMPLATES.map(([label]) => ({ value: label, label }))}
        onChange={({ detail }) => {
          setChosen(detail.selectedOption.value);
          const found = TEMPLATES.find(([label]) => label === detail.selectedOption.value)?.[1];
          if (found) onChoose(found);
        }}
      />
    </FormField>
  );
}

// `id` of the plan that is changed; undefined: a new one.
function PlanForm({ id, before }: { id: string | undefined; before: BackupPlanInput }) {
  const api = useApi();
  const [name, setName] = useState(before.BackupPlanName ?? '');
  const [rules, setRules] = useState((before.Rules ?? []).map(draftOf));
  const plan = { BackupPlanName: name, Rules: rules.map(ruleOf) };
  const ready = name !== '' && rules.every(isRule);
  const back = id ? href(['plans', id]) : '#/plans';
  const act = useAct(async () => {
    if (id) await updatePlan(api, id, plan);
    go(id ? back : href(['plans', await createPlan(api, plan)]));
  });
  const begin = (template: BackupPlanInput) => {
    const vault = rules[0]?.input.TargetBackupVaultName ?? '';
    setName(template.BackupPlanName ?? '');
    setRules((template.Rules ?? []).map((rule) => draftOf({ ...rule, TargetBackupVaultName: vault })));
  };
  const add = () => {
    const last = rules.at(-1)?.input.TargetBackupVaultName ?? '';
    const rule = newRule(`rule-${rules.length + 1}`, SCHEDULES[1]?.[1] ?? '');
    setRules([...rules, draftOf({ ...rule, TargetBackupVaultName: last })]);
  };
  const without = (at: number) => (rules.length > 1 ? () => setRules(rules.toSpliced(at, 1)) : undefined);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !act.running) void act.run();
      }}
    >
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" onClick={() => go(back)}>
              Cancel
            </Button>
            <Button variant="primary" loading={act.running} disabled={!ready}>
              {id ? 'Save plan' : 'Create plan'}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          {id && (
            <Alert type="info">
              Another version of the plan, in force at once. Recovery points keep their lives.
            </Alert>
          )}
          <Container>
            <SpaceBetween size="m">
              {!id && <Templates onChoose={begin} />}
              <FormField label="Plan name">
                <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
              </FormField>
            </SpaceBetween>
          </Container>
          {rules.map((draft, at) => (
            <RuleFields
              key={at}
              draft={draft}
              onChange={(next) => setRules(rules.with(at, next))}
              onRemove={without(at)}
            />
          ))}
          <Button formAction="none" iconName="add-plus" onClick={add}>
            Add rule
          </Button>
          <PlanEstimate drafts={rules} />
          <ErrorAlert error={act.error} />
          <ShowAs
            service="backup"
            operation={id ? 'UpdateBackupPlan' : 'CreateBackupPlan'}
            input={{ ...(id ? { BackupPlanId: id } : {}), BackupPlan: plan }}
          />
        </SpaceBetween>
      </Form>
    </form>
  );
}

function Change({ id }: { id: string }) {
  const api = useApi();
  const loaded = useLoad(() => describePlan(api, id), [api, id]);
  const plan = loaded.value?.BackupPlan;
  return (
    <Page
      title={plan ? `Edit plan ${plan.BackupPlanName}` : 'Edit plan'}
      crumbs={[
        { text: 'Plans', href: '#/plans' },
        { text: plan?.BackupPlanName ?? id, href: href(['plans', id]) },
      ]}
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {plan ? <PlanForm id={id} before={plan as BackupPlanInput} /> : loaded.loading && <Spinner size="large" />}
    </Page>
  );
}

export default function EditPlan({ id }: { id: string | undefined }) {
  if (id) return <Change id={id} />;
  return (
    <Page title="Create plan" crumbs={[{ text: 'Plans', href: '#/plans' }]}>
      <PlanForm id={undefined} before={TEMPLATES[0]?.[1] as BackupPlanInput} />
    </Page>
  );
}
