const MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30d`, `12h`, `90m`, `2w` in milliseconds; null when the text is no duration. The same grammar as the planner's. */
export function durationMs(text: string): number | null {
  const match = /^([1-9]\d{0,5})([mhdw])$/.exec(text);
  const unit = MS[match?.[2] ?? ''];
  return match?.[1] === undefined || unit === undefined ? null : Number(match[1]) * unit;
}
