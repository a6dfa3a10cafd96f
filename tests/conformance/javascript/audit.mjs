// AWS Backup through the AWS SDK for JavaScript: plans with selections, copies, legal holds, frameworks and reports.
// Run by sdk_script.py, which says where to in one argument, {endpoint, region, credentials}, and in a second one, if
// it is there, below which directory the server writes reports.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {AlreadyExistsException, BackupClient, CancelLegalHoldCommand, CreateBackupPlanCommand,
  CreateBackupSelectionCommand, CreateBackupVaultCommand, CreateFrameworkCommand, CreateLegalHoldCommand,
  CreateReportPlanCommand, DeleteBackupPlanCommand, DeleteBackupSelectionCommand, DeleteBackupVaultCommand,
  DeleteFrameworkCommand, DeleteRecoveryPointCommand, DeleteReportPlanCommand, DescribeBackupJobCommand,
  DescribeBackupVaultCommand, DescribeCopyJobCommand, DescribeFrameworkCommand, DescribeGlobalSettingsCommand,
  DescribeRegionSettingsCommand, DescribeReportJobCommand, DescribeReportPlanCommand, GetBackupSelectionCommand,
  GetLegalHoldCommand, InvalidParameterValueException, ListBackupPlanVersionsCommand, ListBackupPlansCommand,
  ListBackupSelectionsCommand, ListCopyJobSummariesCommand, ListCopyJobsCommand, ListFrameworksCommand,
  ListLegalHoldsCommand, ListProtectedResourcesCommand, ListRecoveryPointsByLegalHoldCommand, ListReportJobsCommand,
  ListReportPlansCommand, ListTagsCommand, PutBackupVaultLockConfigurationCommand, ResourceNotFoundException,
  DeleteBackupVaultLockConfigurationCommand, StartBackupJobCommand, StartCopyJobCommand, StartReportJobCommand,
  StopBackupJobCommand, UntagResourceCommand, UpdateBackupPlanCommand, UpdateFrameworkCommand,
  UpdateGlobalSettingsCommand, UpdateRegionSettingsCommand, UpdateReportPlanCommand, paginateListFrameworks}
  from '@aws-sdk/client-backup';
import {CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists} from '@aws-sdk/client-dynamodb';
import {CreateRoleCommand, DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand}
  from '@aws-sdk/client-iam';

const options = {...JSON.parse(process.argv[2]), maxAttempts: 1};
const reports = process.argv[3];
const [backup, db, iam] = [BackupClient, DynamoDBClient, IAMClient].map((Client) => new Client(options));
const unique = `${process.pid}-${Date.now()}`;
const word = unique.replace('-', '_');
const [TableName, BackupVaultName, other, RoleName] =
  ['kept', 'vault', 'other', 'keeper'].map((it) => `${it}-${unique}`);
const ask = (Command, input = {}) => backup.send(new Command(input));
const document = (Statement) => JSON.stringify({Version: '2012-10-17', Statement: [Statement]});

async function ended(Command, input, of, expected = 'COMPLETED') {
  for (;;) {
    const job = of(await ask(Command, input));
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
    {Effect: 'Allow', Action: ['dynamodb:*', 'backup:*'], Resource: '*'})}));
  const table = await db.send(new CreateTableCommand({TableName, BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{AttributeName: 'pk', KeyType: 'HASH'}],
    AttributeDefinitions: [{AttributeName: 'pk', AttributeType: 'S'}]}));
  await waitUntilTableExists({client: db, maxWaitTime: 60, minDelay: 1, maxDelay: 1}, {TableName});
  await ask(CreateBackupVaultCommand, {BackupVaultName});
  const vault = await ask(CreateBackupVaultCommand, {BackupVaultName: other});
  return [role.Role.Arn, table.TableDescription.TableArn, vault.BackupVaultArn];
}

async function plan(IamRoleArn, ResourceArn) {
  const rule = {RuleName: 'nightly', TargetBackupVaultName: BackupVaultName, Lifecycle: {DeleteAfterDays: 35}};
  const BackupPlan = {BackupPlanName: unique, Rules: [rule]};
  const {BackupPlanId, VersionId} = await ask(CreateBackupPlanCommand, {BackupPlan});
  const {SelectionId} = await ask(CreateBackupSelectionCommand, {BackupPlanId, BackupSelection: {
    SelectionName: 'all', IamRoleArn, Resources: [ResourceArn]}});
  const shown = await ask(GetBackupSelectionCommand, {BackupPlanId, SelectionId});
  assert.deepEqual(shown.BackupSelection.Resources, [ResourceArn]);
  const listed = (await ask(ListBackupSelectionsCommand, {BackupPlanId})).BackupSelectionsList;
  assert.deepEqual(listed.map((one) => one.SelectionId), [SelectionId]);
  await ask(UpdateBackupPlanCommand, {BackupPlanId, BackupPlan: {...BackupPlan, BackupPlanName: `${unique}-2`}});
  const versions = (await ask(ListBackupPlanVersionsCommand, {BackupPlanId})).BackupPlanVersionsList;
  assert.ok(versions.length === 2 && versions.some((one) => one.VersionId === VersionId));
  const plans = (await ask(ListBackupPlansCommand)).BackupPlansList;
  assert.ok(plans.some((one) => one.BackupPlanName === `${unique}-2`));
  return [BackupPlanId, SelectionId];
}

async function copies(IamRoleArn, ResourceArn, DestinationBackupVaultArn) {
  const {BackupJobId} = await ask(StartBackupJobCommand, {BackupVaultName, ResourceArn, IamRoleArn});
  const job = await ended(DescribeBackupJobCommand, {BackupJobId}, (answer) => answer);
  await assert.rejects(ask(StopBackupJobCommand, {BackupJobId}), {name: 'InvalidRequestException'});
  const {CopyJobId} = await ask(StartCopyJobCommand, {RecoveryPointArn: job.RecoveryPointArn, IamRoleArn,
    SourceBackupVaultName: BackupVaultName, DestinationBackupVaultArn, Lifecycle: {DeleteAfterDays: 40}});
  const copy = await ended(DescribeCopyJobCommand, {CopyJobId}, (answer) => answer.CopyJob);
  assert.equal(copy.SourceRecoveryPointArn, job.RecoveryPointArn);
  const filter = {ByState: 'COMPLETED', ByDestinationVaultArn: DestinationBackupVaultArn};
  assert.deepEqual((await ask(ListCopyJobsCommand, filter)).CopyJobs.map((one) => one.CopyJobId), [CopyJobId]);
  const counted = await ask(ListCopyJobSummariesCommand, {State: 'COMPLETED', AggregationPeriod: 'ONE_DAY'});
  assert.ok(counted.CopyJobSummaries[0].Count >= 1);
  const resources = (await ask(ListProtectedResourcesCommand)).Results;
  assert.ok(resources.some((one) => one.ResourceArn === ResourceArn));
  return [job.RecoveryPointArn, copy.DestinationRecoveryPointArn];
}

async function hold(RecoveryPointArn) {
  const {LegalHoldId, Status} = await ask(CreateLegalHoldCommand, {Title: unique, Description: 'as counsel asked',
    RecoveryPointSelection: {VaultNames: [BackupVaultName]}, IdempotencyToken: unique});
  assert.equal(Status, 'ACTIVE');
  await assert.rejects(ask(DeleteRecoveryPointCommand, {BackupVaultName, RecoveryPointArn}),
    {name: 'InvalidResourceStateException'});
  const held = (await ask(ListRecoveryPointsByLegalHoldCommand, {LegalHoldId})).RecoveryPoints;
  assert.deepEqual(held.map((one) => one.RecoveryPointArn), [RecoveryPointArn]);
  assert.ok((await ask(ListLegalHoldsCommand)).LegalHolds.some((one) => one.LegalHoldId === LegalHoldId));
  await ask(CancelLegalHoldCommand, {LegalHoldId, CancelDescription: 'settled', RetainRecordInDays: 1});
  assert.equal((await ask(GetLegalHoldCommand, {LegalHoldId})).Status, 'CANCELED');
}

async function framework(ResourceArn) {
  const FrameworkName = `mine_${word}`;
  const control = {ControlName: 'BACKUP_LAST_RECOVERY_POINT_CREATED', ControlScope: {
    ComplianceResourceIds: [ResourceArn], ComplianceResourceTypes: ['DynamoDB']}, ControlInputParameters: [
    {ParameterName: 'recoveryPointAgeUnit', ParameterValue: 'days'},
    {ParameterName: 'recoveryPointAgeValue', ParameterValue: '1'}]};
  const made = await ask(CreateFrameworkCommand, {FrameworkName, FrameworkControls: [control],
    FrameworkDescription: 'all', FrameworkTags: {team: 'blue'}});
  const {FrameworkArn} = made;
  await assert.rejects(ask(CreateFrameworkCommand, {FrameworkName, FrameworkControls: [control]}),
    (error) => error instanceof AlreadyExistsException && error.Arn === FrameworkArn);
  const shown = await ask(DescribeFrameworkCommand, {FrameworkName});
  assert.deepEqual(shown.FrameworkControls, [control]);
  assert.deepEqual([shown.DeploymentStatus, shown.FrameworkStatus, shown.CreationTime instanceof Date],
    ['COMPLETED', 'ACTIVE', true]);
  const encrypted = {ControlName: 'BACKUP_RECOVERY_POINT_ENCRYPTED'};
  await ask(UpdateFrameworkCommand, {FrameworkName, FrameworkControls: [control, encrypted]});
  for await (const page of paginateListFrameworks({client: backup, pageSize: 1}, {})) {
    const found = page.Frameworks.find((one) => one.FrameworkName === FrameworkName);
    if (found) assert.equal(found.NumberOfControls, 2);
  }
  assert.ok((await ask(ListFrameworksCommand)).Frameworks.length >= 1);
  await assert.rejects(ask(UpdateFrameworkCommand, {FrameworkName, FrameworkControls: [{ControlName: 'NO_SUCH'}]}),
    InvalidParameterValueException);
  await ask(UntagResourceCommand, {ResourceArn: FrameworkArn, TagKeyList: ['team']});
  assert.deepEqual((await ask(ListTagsCommand, {ResourceArn: FrameworkArn})).Tags, {});
  return [FrameworkName, FrameworkArn];
}

async function report(FrameworkArn, RecoveryPointArn) {
  const ReportPlanName = `jobs_${word}`;
  const channel = {S3BucketName: `audit-${unique}`, S3KeyPrefix: 'daily', Formats: ['CSV', 'JSON']};
  const made = await ask(CreateReportPlanCommand, {ReportPlanName, ReportDeliveryChannel: channel,
    ReportSetting: {ReportTemplate: 'BACKUP_JOB_REPORT'}});
  assert.ok(made.CreationTime instanceof Date);
  const rows = async () => {
    const {ReportJobId} = await ask(StartReportJobCommand, {ReportPlanName});
    const job = await ended(DescribeReportJobCommand, {ReportJobId}, (answer) => answer.ReportJob,
      reports ? 'COMPLETED' : 'FAILED');
    if (!reports) return undefined;
    const key = job.ReportDestination.S3Keys.find((one) => one.endsWith('.json'));
    return JSON.parse(readFileSync(`${reports}/${channel.S3BucketName}/${key}`, 'utf8')).reportItems;
  };
  const jobs = await rows();
  if (jobs) assert.ok(jobs.some((row) => row.recoveryPointArn === RecoveryPointArn && row.jobStatus === 'COMPLETED'));
  await ask(UpdateReportPlanCommand, {ReportPlanName, ReportSetting: {ReportTemplate: 'RESOURCE_COMPLIANCE_REPORT',
    FrameworkArns: [FrameworkArn]}});
  const shown = (await ask(DescribeReportPlanCommand, {ReportPlanName})).ReportPlan;
  assert.deepEqual([shown.ReportDeliveryChannel, shown.ReportSetting.FrameworkArns], [channel, [FrameworkArn]]);
  const found = await rows();
  if (found) {
    const {resourceComplianceStatus} = found.find((row) => row.resourceName === TableName);
    assert.equal(resourceComplianceStatus, 'COMPLIANT');
  }
  const ofPlan = (await ask(ListReportJobsCommand, {ByReportPlanName: ReportPlanName})).ReportJobs;
  assert.deepEqual(ofPlan.map((one) => one.ReportTemplate), ['RESOURCE_COMPLIANCE_REPORT', 'BACKUP_JOB_REPORT']);
  assert.ok((await ask(ListReportPlansCommand)).ReportPlans.some((one) => one.ReportPlanName === ReportPlanName));
  await ask(DeleteReportPlanCommand, {ReportPlanName});
  await assert.rejects(ask(DescribeReportPlanCommand, {ReportPlanName}), ResourceNotFoundException);
}

async function settings() {
  await ask(PutBackupVaultLockConfigurationCommand, {BackupVaultName: other, MinRetentionDays: 7});
  assert.equal((await ask(DescribeBackupVaultCommand, {BackupVaultName: other})).MinRetentionDays, 7);
  await ask(DeleteBackupVaultLockConfigurationCommand, {BackupVaultName: other});
  const {GlobalSettings} = await ask(DescribeGlobalSettingsCommand);
  const {isCrossAccountBackupEnabled} = GlobalSettings;
  await ask(UpdateGlobalSettingsCommand, {GlobalSettings: {isCrossAccountBackupEnabled}});
  assert.deepEqual((await ask(DescribeGlobalSettingsCommand)).GlobalSettings, GlobalSettings);
  const {ResourceTypeOptInPreference} = await ask(DescribeRegionSettingsCommand);
  assert.ok('DynamoDB' in ResourceTypeOptInPreference);
  await ask(UpdateRegionSettingsCommand, {ResourceTypeOptInPreference});
  assert.deepEqual((await ask(DescribeRegionSettingsCommand)).ResourceTypeOptInPreference, ResourceTypeOptInPreference);
}

async function remove([BackupPlanId, SelectionId], points, FrameworkName) {
  await ask(DeleteFrameworkCommand, {FrameworkName});
  await ask(DeleteBackupSelectionCommand, {BackupPlanId, SelectionId});
  await ask(DeleteBackupPlanCommand, {BackupPlanId});
  for (const [name, RecoveryPointArn] of [[BackupVaultName, points[0]], [other, points[1]]]) {
    await ask(DeleteRecoveryPointCommand, {BackupVaultName: name, RecoveryPointArn});
    while ((await ask(DescribeBackupVaultCommand, {BackupVaultName: name})).NumberOfRecoveryPoints) await pause(20);
    await ask(DeleteBackupVaultCommand, {BackupVaultName: name});
  }
  await db.send(new DeleteTableCommand({TableName}));
  await iam.send(new DeleteRolePolicyCommand({RoleName, PolicyName: 'work'}));
  await iam.send(new DeleteRoleCommand({RoleName}));
}

const [role, table, vault] = await prepare();
const planned = await plan(role, table);
const points = await copies(role, table, vault);
await hold(points[0]);
const [name, arn] = await framework(table);
await report(arn, points[0]);
await settings();
await remove(planned, points, name);
console.log('audit: ok');
