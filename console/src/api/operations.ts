// Shapes of the server's own operations, as docs/past.md and docs/costs.md have them. Instants are texts to the
// microsecond, in UTC.
export type WireValue = Record<string, unknown>; // {"S": "text"}, as DynamoDB writes it
export type WireItem = Record<string, WireValue>;
export type Difference = 'REMOVED' | 'CHANGED' | 'ADDED';

export interface Bin {
  Begin: string;
  Puts: number;
  Overwrites: number;
  Deletes: number;
}

export interface Activity {
  From: string;
  Until: string;
  BinSeconds: number;
  Puts: number;
  Overwrites: number;
  Deletes: number;
  Bins: Bin[];
}

export interface Moment {
  Kind: 'DELETE' | 'OVERWRITE';
  Count: number;
  AccessKeyId?: string;
  First: string;
  Last: string;
  JustBefore: string;
}

export interface Version {
  CommitTime: string;
  Kind: 'PUT' | 'DELETE';
  AccessKeyId?: string;
  RequestId?: string;
  SizeBytes?: number;
  Item?: WireItem;
}

export interface History {
  From: string;
  Until: string;
  Versions: Version[];
  Before?: { Instant: string; Exists: boolean; SizeBytes?: number; Item?: WireItem };
  NextToken?: string;
}

export interface Change {
  Kind: Difference;
  Key: WireItem;
  CommitTime: string;
  AccessKeyId?: string;
  RequestId?: string;
  OldSizeBytes?: number;
  NewSizeBytes?: number;
  OldItem?: WireItem;
  NewItem?: WireItem;
}

export interface Diff {
  From: string;
  Until: string;
  Added: number;
  Removed: number;
  Changed: number;
  Changes: Change[];
  NextToken?: string;
}

type Counts = Record<Difference, number>;

export interface ItemRestore {
  JobId: string;
  TableName: string;
  AccessKeyId?: string;
  Status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  FailureReason?: string;
  RestoreDateTime: string;
  Until: string;
  Kinds: Difference[];
  KeyCount?: number;
  DryRun?: boolean;
  CreationDateTime: string;
  EndDateTime?: string;
  ProgressPercent: number;
  Examined: number;
  Restored: Counts;
  NotSelected: Counts;
  AlreadySo: number;
  Conflicts: number;
  Refused: number;
  NotRestored?: { Key: WireItem; Kind: Difference; Reason: string; Message?: string }[];
}

export interface TableRestore {
  TableName: string;
  Status: 'RUNNING' | 'CANCELLING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
  FailureReason?: string;
  ProgressPercent?: number;
  EstimatedSecondsLeft?: number;
  CreationDateTime: string;
  EndDateTime?: string;
  TableId: string;
}

export type CostDimension = 'ACCOUNT' | 'REGION' | 'TABLE' | 'RESOURCE' | 'KIND' | 'MONTH' | 'DAY' | 'TAG';

// Money and GB-months are decimal text. What a group is of stands under its dimensions' names.
export interface CostGroup {
  Region?: string;
  Table?: string;
  Resource?: string;
  Kind?: string;
  Day?: string;
  Tag?: string;
  Cost: string;
  GigabyteMonths: string;
  OnceBytes: number;
  LogicalBytes?: number; // neither where days or months are told
  PhysicalBytes?: number;
}

export interface Costs {
  From: string;
  Until: string;
  Currency: string;
  PriceListDate: string;
  Prices: Record<string, string>; // by kind
  Forecast: string; // of the month
  Total: { Cost: string; GigabyteMonths: string; OnceBytes: number; LogicalBytes: number };
  Groups: CostGroup[];
}

export interface Estimate {
  TableName: string;
  PriceListDate: string;
  SizeBytes: number;
  PointInTimeRecovery: { Enabled: boolean; CostPerMonth: string };
  Backup: { CostPerMonth: string };
  Restore: { Cost: string; CostIntoOtherRegion: string };
  Plan?: {
    WarmBackups: number;
    ColdBackups: number;
    CostPerMonth: string;
    CostPerMonthAllWarm: string;
    SavedByColdStorage: string;
  };
  Month: { CostSoFar: string; Forecast: string; ForecastWithoutPointInTimeRecovery: string };
}

export interface PriceBook {
  Source: 'BUILT_IN' | 'FILE';
  PriceListDate: string;
  Lists: { From: string; Usd: Record<string, string>; Regions: Record<string, Record<string, string>> }[];
  Edits: { From: string; Kind: string; Region?: string; Usd?: string }[];
}

export interface Finding {
  Severity: 'HIGH' | 'MEDIUM' | 'LOW';
  Check: string;
  Region: string;
  Resource: string; // an ARN
  Text: string;
  Command: string;
}

interface Range {
  TableName: string;
  From?: string;
  Until?: string;
}

export interface Operations {
  DescribeTableRestore: { input: { TableName: string }; output: TableRestore };
  ListTableRestores: { input: { Limit?: number }; output: { TableRestores: TableRestore[] } };
  GetCosts: {
    input: { From?: string; Until?: string; GroupBy?: CostDimension[]; TagKey?: string };
    output: Costs;
  };
  EstimateCost: {
    input: {
      TableName: string;
      SizeBytes?: number;
      KeepDays?: number;
      EveryDays?: number;
      ColdAfterDays?: number;
    };
    output: Estimate;
  };
  GetPriceBook: { input: Record<string, never>; output: PriceBook };
  SetPrice: { input: { Kind: string; Usd: string; Region?: string; From?: string }; output: PriceBook };
  ResetPrices: { input: { Kind?: string; Region?: string; From?: string }; output: PriceBook };
  GetAdvice: { input: { BackupAgeDays?: number }; output: { Findings: Finding[] } };
  GetTableActivity: { input: Range & { BinSeconds?: number }; output: Activity };
  ListMoments: { input: Range & { Limit?: number }; output: { From: string; Until: string; Moments: Moment[] } };
  GetItemHistory: {
    input: Range & { Key: WireItem; Limit?: number; NextToken?: string; IncludeItems?: boolean };
    output: History;
  };
  DiffTable: {
    input: Range & {
      From: string;
      Limit?: number;
      NextToken?: string;
      IncludeItems?: boolean;
      PartitionKey?: WireItem;
    };
    output: Diff;
  };
  RestoreItems: {
    input: {
      TableName: string;
      RestoreDateTime?: string; // or
      BackupArn?: string;
      Until?: string;
      Kinds?: Difference[];
      Keys?: WireItem[];
      DryRun?: boolean;
      ClientToken?: string;
    };
    output: ItemRestore;
  };
  DescribeItemRestore: { input: { JobId: string }; output: ItemRestore };
  ListItemRestores: {
    input: { TableName?: string; Limit?: number; NextToken?: string };
    output: { ItemRestores: ItemRestore[]; NextToken?: string };
  };
}
