import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { EVENT_SCHEMAS } from '../../src/manifest/event-schema.ts';

const ajv = new Ajv2020({ strict: false });
const validators = new Map(Object.entries(EVENT_SCHEMAS).map(([name, schema]) => [name, ajv.compile(schema)]));
const FAMILIES = {
  metadata: 'metadata',
  lineage: 'table_lineage',
  querylogs: 'query_logs',
  'etl-metadata': 'etl',
  'etl-runs': 'etl_runs',
  'bi-metadata': 'bi',
} as const;

interface Golden {
  readonly name: string;
  readonly family: keyof typeof FAMILIES;
  readonly input: { readonly events: readonly object[] };
  readonly request: { readonly body: { readonly events: readonly unknown[] } };
}

function golden(name: string): readonly Golden[] {
  const text = readFileSync(new URL(`../fixtures/golden/${name}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as readonly Golden[];
}

describe('the event schemas', () => {
  for (const [family, collect] of Object.entries(FAMILIES))
    for (const { name, request } of golden(family))
      it(`takes what the SDK sends: ${name}`, () => {
        const validate = validators.get(collect);
        for (const event of request.body.events) expect(validate?.(event), JSON.stringify(validate?.errors)).toBe(true);
      });

  const wrong = golden('rejects').filter(({ name }) => !/(-101|-0|no-events|without-type|nan-in-extra)$/.test(name));
  it('has events among the refused inputs', () => expect(wrong).toHaveLength(9));
  for (const { name, family, input } of wrong)
    it(`refuses what the SDK refuses: ${name}`, () => {
      const event = family === 'etl-metadata' ? { etl_asset: input.events[0] } : input.events[0];
      expect(validators.get(FAMILIES[family as keyof typeof FAMILIES] ?? 'bi')?.(event)).toBe(false);
    });

  it('refuses a misspelt freshness member and a negative count', () => {
    const asset = (more: object) => ({
      relational_asset: { type: 'TABLE', metadata: { name: 'a', database: 'b', schema: 'c' }, ...more },
    });
    const validate = validators.get('metadata');
    expect(validate?.(asset({ freshness: { last_update_time: 'x' } }))).toBe(true);
    expect(validate?.(asset({ freshness: { last_updated_time: 'x' } }))).toBe(false);
    expect(validate?.(asset({ volume: { row_count: -1 } }))).toBe(false);
  });
});
