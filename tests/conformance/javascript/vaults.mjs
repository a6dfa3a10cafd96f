// AWS Backup through the AWS SDK for JavaScript: from a vault to a restored table and back. Run by
// sdk_script.py, which says where to in one argument: {endpoint, region, credentials}.
import assert from 'node:assert/strict';
import {setTimeout as pause} from 'node:timers/promises';
import {BackupClient, CreateBackupPlanCommand, CreateBackupVaultCommand, CreateRestoreTestingPlanCommand,
  CreateRestoreTestingSelectionCommand, DeleteBackupPlanCommand, DeleteBackupVaultAccessPolicyCommand,
  DeleteBackupVaultCommand, DeleteBackupVaultNotificationsCommand, DeleteRecoveryPointCommand,
  DeleteRestoreTestingPlanCommand, DeleteRestoreTestingSelectionCommand, DescribeBackupJobCommand,
  DescribeBackupVaultCommand, DescribeProtectedResourceCommand, DescribeRecoveryPointCommand,
  DescribeRestoreJobCommand, DisassociateRecoveryPointCommand, DisassociateRecoveryPointFromParentCommand,
  CreateLogicallyAirGappedBackupVaultCommand, DeleteBackupVaultLockConfigurationCommand, DescribeCopyJobCommand,
  ExportBackupPlanTemplateCommand, GetBackupPlanCommand, GetBackupPlanFromJSONCommand,
  GetBackupPlanFromTemplateCommand, GetBackupVaultAccessPolicyCommand, GetBackupVaultNotificationsCommand,
  GetRecoveryPointRestoreMetadataCommand, GetRestoreJobMetadataCommand, GetRestoreTestingInferredMetadataCommand,
  GetRestoreTestingPlanCommand, GetRestoreTestingSelectionCommand, GetSupportedResourceTypesCommand,
  InvalidRequestException, ListBackupJobSummariesCommand, ListBackupJobsCommand, ListBackupPlanTemplatesCommand,
  ListBackupVaultsCommand, ListProtectedResourcesByBackupVaultCommand, ListRecoveryPointsByBackupVaultCommand,
  ListRecoveryPointsByResourceCommand, ListRestoreJobSummariesCommand, ListRestoreJobsByProtectedResourceCommand,
  ListRestoreJobsCommand, ListRestoreTestingPlansCommand, ListRestoreTestingSelectionsCommand, ListTagsCommand,
  PutBackupVaultAccessPolicyCommand, PutBackupVaultNotificationsCommand, PutRestoreValidationResultCommand,
  ResourceNotFoundException, StartBackupJobCommand, StartCopyJobCommand, StartRestoreJobCommand, TagResourceCommand,
  UpdateRecoveryPointLifecycleCommand, UpdateRestoreTestingPlanCommand, UpdateRestoreTestingSelectionCommand}
  from '@aws-sdk/client-backup';
import {CreateBackupCommand, CreateTableCommand, DeleteBackupCommand, DeleteTableCommand, DynamoDBClient,
  PutItemCommand, ScanCommand, waitUntilTableExists} from '@aws-sdk/client-dynamodb';
import {CreateRoleCommand, DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand}
  from '@aws-sdk/client-iam';

const options = {...JSON.parse(process.argv[2]), maxAttempts: 1};
const [backup, db, iam] = [BackupClient, DynamoDBClient, IAMClient].map((Client) => new Client(options));
const unique = `${process.pid}-${Date.now()}`;
const [TableName, target] = [`kept-${unique}`, `back-${unique}`];
const [BackupVaultName, RoleName] = [`vault-${unique}`, `keeper-${unique}`];
const ask = (Command, input = {}) => backup.send(new Command(input));
const document = (Statement) => JSON.stringify({Version: '2012-10-17', Statement: [Statement]});

async function ended(Command, input, expected) {
  for (;;) {
    const job = await ask(Command, input);
    const state = job.State ?? job.Status;
    if (!['CREATED', 'PENDING', 'RUNNING'].includes(state)) {
      assert.equal(state, expected, job.StatusMessage);
      return job;
    }
    await pause(20);
  }
}

async function prepare() {
  const role = await iam.send(new CreateRoleCommand({RoleName, AssumeRolePolicyDocument: document(
    {Effect: 'Allow', Principal: {Service: 'backup.amazonaws.com'}, Action: 'sts:AssumeRole'})}));
  await iam.send(new PutRolePolicyCommand({RoleName, PolicyName: 'work', PolicyDocument: document(
    {Effect: 'Allow', Action: ['dynamodb:*', 'backup:Copy*'], Resource: '*'})}));
  const table = await db.send(new CreateTableCommand({TableName, BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{AttributeName: 'pk', KeyType: 'HASH'}],
    AttributeDefinitions: [{AttributeName: 'pk', AttributeType: 'S'}]}));
  await waitUntilTableExists({client: db, maxWaitTime: 60, minDelay: 1, maxDelay: 1}, {TableName});
  for (const pk of ['a', 'b', 'c']) await db.send(new PutItemCommand({TableName, Item: {pk: {S: pk}}}));
  return [role.Role.Arn, table.TableDescription.TableArn];
}

async function vaults() {
  const made = await ask(CreateBackupVaultCommand, {BackupVaultName, BackupVaultTags: {team: 'blue'}});
  assert.ok(made.CreationDate instanceof Date);
  const ResourceArn = made.BackupVaultArn;
  await ask(TagResourceCommand, {ResourceArn, Tags: {more: 'ü / +'}});
  assert.deepEqual((await ask(ListTagsCommand, {ResourceArn})).Tags, {team: 'blue', more: 'ü / +'});
  const list = await ask(ListBackupVaultsCommand, {ByVaultType: 'BACKUP_VAULT', MaxResults: 1000});
  assert.ok(list.BackupVaultList.some((one) => one.BackupVaultName === BackupVaultName));
  await assert.rejects(ask(DescribeBackupVaultCommand, {BackupVaultName: 'absent'}), ResourceNotFoundException);
  const Policy = document({Effect: 'Deny', Principal: '*', Action: 'backup:DeleteBackupVault', Resource: '*'});
  await ask(PutBackupVaultAccessPolicyCommand, {BackupVaultName, Policy});
  assert.equal((await ask(GetBackupVaultAccessPolicyCommand, {BackupVaultName})).Policy, Policy);
  await assert.rejects(ask(DeleteBackupVaultCommand, {BackupVaultName}), {name: 'AccessDeniedException'});
  await ask(PutBackupVaultAccessPolicyCommand, {BackupVaultName, Policy: Policy.replace('Vault"', 'Plan"')});
  await ask(DeleteBackupVaultAccessPolicyCommand, {BackupVaultName});
  await assert.rejects(ask(GetBackupVaultAccessPolicyCommand, {BackupVaultName}), ResourceNotFoundException);
  assert.deepEqual((await ask(GetSupportedResourceTypesCommand)).ResourceTypes, ['DynamoDB']);
}

async function plans() {
  const rule = {RuleName: 'nightly', TargetBackupVaultName: BackupVaultName,
    ScheduleExpression: 'cron(30 0 ? * * *)', ScheduleExpressionTimezone: 'America/New_York'};
  const BackupPlan = {BackupPlanName: unique, Rules: [rule]};
  const {BackupPlanId} = await ask(CreateBackupPlanCommand, {BackupPlan});
  const plan = await ask(GetBackupPlanCommand, {BackupPlanId, MaxScheduledRunsPreview: 10});
  assert.deepEqual(plan.ScheduledRunsPreview.length, 10);
  for (const run of plan.ScheduledRunsPreview) {
    const shown = run.ExecutionTime.toLocaleTimeString('en-GB', {timeZone: 'America/New_York'});
    assert.deepEqual([shown, run.RuleId], ['00:30:00', plan.BackupPlan.Rules[0].RuleId]);
  }
  assert.equal(plan.BackupPlan.Rules[0].ScheduleExpressionTimezone, 'America/New_York');
  rule.ScheduleExpressionTimezone = 'Mars/Olympus';
  await assert.rejects(ask(CreateBackupPlanCommand, {BackupPlan}), /Invalid time zone: Mars/);
  await ask(DeleteBackupPlanCommand, {BackupPlanId});
}

async function backUp(IamRoleArn, ResourceArn) {
  const request = {BackupVaultName, ResourceArn, IamRoleArn, IdempotencyToken: unique,
    Lifecycle: {DeleteAfterDays: 7}, RecoveryPointTags: {why: 'audit'}};
  const {BackupJobId, CreationDate} = await ask(StartBackupJobCommand, request);
  assert.equal((await ask(StartBackupJobCommand, request)).BackupJobId, BackupJobId);
  const job = await ended(DescribeBackupJobCommand, {BackupJobId}, 'COMPLETED');
  assert.deepEqual([job.MessageCategory, job.PercentDone, job.CreationDate], ['SUCCESS', '100.0', CreationDate]);
  const filter = {ByBackupVaultName: BackupVaultName, ByResourceArn: ResourceArn, ByState: 'COMPLETED',
    ByMessageCategory: 'SUCCESS', ByCreatedAfter: new Date(CreationDate - 1000)};
  assert.deepEqual((await ask(ListBackupJobsCommand, filter)).BackupJobs.map((one) => one.BackupJobId), [BackupJobId]);
  filter.ByCreatedBefore = new Date(CreationDate - 1000);
  assert.deepEqual((await ask(ListBackupJobsCommand, filter)).BackupJobs, []);
  return job.RecoveryPointArn;
}

async function points(RecoveryPointArn, ResourceArn) {
  const which = {BackupVaultName, RecoveryPointArn};
  const lifecycle = await ask(UpdateRecoveryPointLifecycleCommand, {...which, Lifecycle: {DeleteAfterDays: 8}});
  const point = await ask(DescribeRecoveryPointCommand, which);
  assert.equal(point.CalculatedLifecycle.DeleteAt - point.CreationDate, 8 * 86400 * 1000);
  assert.deepEqual(lifecycle.CalculatedLifecycle, point.CalculatedLifecycle);
  const inVault = await ask(ListRecoveryPointsByBackupVaultCommand, {BackupVaultName, ByResourceType: 'DynamoDB'});
  assert.deepEqual(inVault.RecoveryPoints.map((one) => one.RecoveryPointArn), [RecoveryPointArn]);
  for (const Command of [DisassociateRecoveryPointCommand, DisassociateRecoveryPointFromParentCommand])
    await assert.rejects(ask(Command, which), InvalidRequestException);
  const native = await db.send(new CreateBackupCommand({TableName, BackupName: 'native'}));
  const {BackupArn} = native.BackupDetails;
  const ofTable = async (ManagedByAWSBackupOnly) =>
    (await ask(ListRecoveryPointsByResourceCommand, {ResourceArn, ManagedByAWSBackupOnly})).RecoveryPoints
      .map((one) => [one.RecoveryPointArn, one.BackupVaultName]);
  assert.deepEqual(await ofTable(true), [[RecoveryPointArn, BackupVaultName]]);
  assert.deepEqual(await ofTable(false), [[BackupArn, undefined], [RecoveryPointArn, BackupVaultName]]);
  const resources = await ask(ListProtectedResourcesByBackupVaultCommand, {BackupVaultName});
  assert.deepEqual(resources.Results.map((one) => one.ResourceArn), [ResourceArn]);
  for (;;) {  // it cannot be deleted while it is being made
    try {
      await db.send(new DeleteBackupCommand({BackupArn}));
      return;
    } catch (error) {
      assert.equal(error.name, 'BackupInUseException');
      await pause(20);
    }
  }
}

async function restore(IamRoleArn, RecoveryPointArn, ResourceArn) {
  const {RestoreMetadata} = await ask(GetRecoveryPointRestoreMetadataCommand, {BackupVaultName, RecoveryPointArn});
  const Metadata = {...RestoreMetadata, targetTableName: target};
  const {RestoreJobId} = await ask(StartRestoreJobCommand, {RecoveryPointArn, IamRoleArn, Metadata});
  const job = await ended(DescribeRestoreJobCommand, {RestoreJobId}, 'COMPLETED');
  assert.deepEqual([job.SourceResourceArn, job.PercentDone], [ResourceArn, '100.00%']);
  assert.ok(job.CreatedResourceArn.endsWith(`:table/${target}`));
  assert.deepEqual((await ask(GetRestoreJobMetadataCommand, {RestoreJobId})).Metadata, Metadata);
  const {Items} = await db.send(new ScanCommand({TableName: target, ConsistentRead: true}));
  assert.deepEqual(Items.map((item) => item.pk.S).sort(), ['a', 'b', 'c']);
  const ofTable = await ask(ListRestoreJobsByProtectedResourceCommand, {ResourceArn, ByStatus: 'COMPLETED'});
  assert.deepEqual(ofTable.RestoreJobs.map((one) => one.RestoreJobId), [RestoreJobId]);
  const all = await ask(ListRestoreJobsCommand, {ByStatus: 'COMPLETED', ByResourceType: 'DynamoDB'});
  assert.ok(all.RestoreJobs.some((one) => one.RestoreJobId === RestoreJobId));
  const resource = await ask(DescribeProtectedResourceCommand, {ResourceArn});
  assert.deepEqual(resource.LatestRestoreJobCreationDate, job.CreationDate);
}

async function drills(IamRoleArn, RecoveryPointArn, ResourceArn) {
  const [RestoreTestingPlanName, RestoreTestingSelectionName] = [`drill_${process.pid}`, 'all'];
  const plan = {RestoreTestingPlanName, ScheduleExpression: 'cron(0 5 1 * ? *)', RecoveryPointSelection: {
    Algorithm: 'LATEST_WITHIN_WINDOW', IncludeVaults: ['*'], RecoveryPointTypes: ['SNAPSHOT']}};
  const made = await ask(CreateRestoreTestingPlanCommand, {RestoreTestingPlan: plan, Tags: {team: 'blue'}});
  assert.ok(made.CreationTime instanceof Date);
  const shown = (await ask(GetRestoreTestingPlanCommand, {RestoreTestingPlanName})).RestoreTestingPlan;
  assert.deepEqual([shown.RestoreTestingPlanArn, shown.StartWindowHours], [made.RestoreTestingPlanArn, 24]);
  assert.deepEqual((await ask(ListTagsCommand, {ResourceArn: made.RestoreTestingPlanArn})).Tags, {team: 'blue'});
  const RestoreTestingSelection = {RestoreTestingSelectionName, IamRoleArn, ProtectedResourceType: 'DynamoDB',
    ProtectedResourceArns: [ResourceArn], ValidationWindowHours: 1};
  await ask(CreateRestoreTestingSelectionCommand, {RestoreTestingPlanName, RestoreTestingSelection});
  await assert.rejects(ask(DeleteRestoreTestingPlanCommand, {RestoreTestingPlanName}), InvalidRequestException);
  const changed = await ask(UpdateRestoreTestingSelectionCommand, {RestoreTestingPlanName,
    RestoreTestingSelectionName, RestoreTestingSelection: {ValidationWindowHours: 2}});
  const selection = (await ask(GetRestoreTestingSelectionCommand,
    {RestoreTestingPlanName, RestoreTestingSelectionName})).RestoreTestingSelection;
  assert.deepEqual([selection.ValidationWindowHours, selection.ProtectedResourceArns, changed.CreationTime],
    [2, [ResourceArn], selection.CreationTime]);
  const {InferredMetadata} = await ask(GetRestoreTestingInferredMetadataCommand, {BackupVaultName, RecoveryPointArn});
  assert.ok(InferredMetadata.targetTableName.startsWith('awsbackup-restore-test-'));
  const filter = {ByRestoreTestingPlanArn: made.RestoreTestingPlanArn};
  assert.deepEqual((await ask(ListRestoreJobsCommand, filter)).RestoreJobs, []);
  await ask(UpdateRestoreTestingPlanCommand, {RestoreTestingPlanName, RestoreTestingPlan: {StartWindowHours: 1}});
  const plans = (await ask(ListRestoreTestingPlansCommand)).RestoreTestingPlans;
  assert.ok(plans.some((one) => one.RestoreTestingPlanName === RestoreTestingPlanName && one.StartWindowHours === 1));
  await assert.rejects(ask(PutRestoreValidationResultCommand, {RestoreJobId: 'x', ValidationStatus: 'SUCCESSFUL'}),
    ResourceNotFoundException);
  const which = {RestoreTestingPlanName, RestoreTestingSelectionName};
  assert.equal((await ask(ListRestoreTestingSelectionsCommand, {RestoreTestingPlanName}))
    .RestoreTestingSelections.length, 1);
  await ask(DeleteRestoreTestingSelectionCommand, which);
  await ask(DeleteRestoreTestingPlanCommand, {RestoreTestingPlanName});
}

// It stays: nobody can delete what is in there.
async function airGapped(IamRoleArn, RecoveryPointArn) {
  const bounds = {MinRetentionDays: 7, MaxRetentionDays: 30};
  const gap = `gap-${unique}`;
  const made = await ask(CreateLogicallyAirGappedBackupVaultCommand, {BackupVaultName: gap, ...bounds});
  assert.equal(made.VaultState, 'AVAILABLE');
  const vault = await ask(DescribeBackupVaultCommand, {BackupVaultName: gap});
  assert.deepEqual([vault.VaultType, vault.EncryptionKeyType, vault.MinRetentionDays, vault.LockDate],
    ['LOGICALLY_AIR_GAPPED_BACKUP_VAULT', 'AWS_OWNED_KMS_KEY', 7, made.CreationDate]);
  const listed = (await ask(ListBackupVaultsCommand, {ByVaultType: vault.VaultType})).BackupVaultList;
  assert.ok(listed.some((one) => one.BackupVaultName === gap));
  await assert.rejects(ask(DeleteBackupVaultLockConfigurationCommand, {BackupVaultName: gap}), InvalidRequestException);
  const {CopyJobId} = await ask(StartCopyJobCommand, {RecoveryPointArn, SourceBackupVaultName: BackupVaultName,
    DestinationBackupVaultArn: made.BackupVaultArn, IamRoleArn, Lifecycle: {DeleteAfterDays: 7}});
  let job;
  do job = (await ask(DescribeCopyJobCommand, {CopyJobId})).CopyJob;
  while (['CREATED', 'RUNNING'].includes(job.State) && await pause(20, true));
  assert.deepEqual([job.State, job.DestinationVaultType], ['COMPLETED', vault.VaultType], job.StatusMessage);
  await assert.rejects(ask(DeleteRecoveryPointCommand, {BackupVaultName: gap,
    RecoveryPointArn: job.DestinationRecoveryPointArn}), InvalidRequestException);
  const {BackupJobId} = await ask(StartBackupJobCommand, {BackupVaultName, IamRoleArn, ResourceArn: job.ResourceArn,
    LogicallyAirGappedBackupVaultArn: made.BackupVaultArn, Lifecycle: {DeleteAfterDays: 8}});
  await ended(DescribeBackupJobCommand, {BackupJobId}, 'COMPLETED');
  const count = async (name) => (await ask(DescribeBackupVaultCommand, {BackupVaultName: name})).NumberOfRecoveryPoints;
  while (await count(BackupVaultName) !== 1 || await count(gap) !== 2) await pause(20);
}

async function told() {
  const notifications = {BackupVaultName, SNSTopicArn: 'arn:aws:sns:us-east-1:123456789012:backups',
    BackupVaultEvents: ['BACKUP_JOB_COMPLETED', 'COPY_JOB_FAILED']};
  await ask(PutBackupVaultNotificationsCommand, notifications);
  const {$metadata, BackupVaultArn, ...shown} = await ask(GetBackupVaultNotificationsCommand, {BackupVaultName});
  assert.deepEqual(shown, notifications);
  await ask(DeleteBackupVaultNotificationsCommand, {BackupVaultName});
  await assert.rejects(ask(GetBackupVaultNotificationsCommand, {BackupVaultName}), ResourceNotFoundException);
  const counted = await ask(ListBackupJobSummariesCommand, {State: 'COMPLETED', AggregationPeriod: 'SEVEN_DAYS'});
  assert.ok(counted.BackupJobSummaries[0].Count >= 1 && counted.BackupJobSummaries[0].EndTime instanceof Date);
  const restored = await ask(ListRestoreJobSummariesCommand, {State: 'AGGREGATE_ALL'});
  assert.equal(restored.RestoreJobSummaries[0].State, 'AGGREGATE_ALL');
  const [template] = (await ask(ListBackupPlanTemplatesCommand, {MaxResults: 1})).BackupPlanTemplatesList;
  const {BackupPlanTemplateId} = template;
  const BackupPlan = (await ask(GetBackupPlanFromTemplateCommand, {BackupPlanTemplateId})).BackupPlanDocument;
  assert.equal(BackupPlan.BackupPlanName, template.BackupPlanTemplateName);
  BackupPlan.BackupPlanName += unique;
  const {BackupPlanId} = await ask(CreateBackupPlanCommand, {BackupPlan});
  const {BackupPlanTemplateJson} = await ask(ExportBackupPlanTemplateCommand, {BackupPlanId});
  assert.deepEqual((await ask(GetBackupPlanFromJSONCommand, {BackupPlanTemplateJson})).BackupPlan, BackupPlan);
  await ask(DeleteBackupPlanCommand, {BackupPlanId});
}

async function remove(RecoveryPointArn) {
  await ask(DeleteRecoveryPointCommand, {BackupVaultName, RecoveryPointArn});
  while ((await ask(DescribeBackupVaultCommand, {BackupVaultName})).NumberOfRecoveryPoints) await pause(20);
  await ask(DeleteBackupVaultCommand, {BackupVaultName});
  for (const name of [TableName, target]) await db.send(new DeleteTableCommand({TableName: name}));
  await iam.send(new DeleteRolePolicyCommand({RoleName, PolicyName: 'work'}));
  await iam.send(new DeleteRoleCommand({RoleName}));
}

const [role, table] = await prepare();
await vaults();
await plans();
const point = await backUp(role, table);
await points(point, table);
await restore(role, point, table);
await drills(role, point, table);
await airGapped(role, point);
await told();
await remove(point);
console.log('vaults: ok');
