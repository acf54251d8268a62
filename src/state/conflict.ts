/** Somebody else wrote first: the version that a compare-and-swap named is not the current one any more. */
export class VersionConflict extends Error {
  readonly record: string;

  constructor(record: string) {
    super(`${record} was changed by somebody else`);
    this.name = 'VersionConflict';
    this.record = record;
  }
}
