/** A workflow file of a CI system: where it goes, and what it says. */
export interface Workflow {
  readonly path: string;
  readonly text: string;
}

const VARIABLES = ['MCD_INGEST_ID', 'MCD_INGEST_TOKEN', 'MCD_ID', 'MCD_TOKEN', 'MCD_RESOURCE_UUID'];

function github(file: string, version: string): string {
  const secrets = VARIABLES.map((name) => `      ${name}: \${{ secrets.${name} }}`).join('\n');
  return `# Pull requests: validate and plan. Merge and schedule: apply.
name: mc-ingest
on:
  pull_request:
  push: { branches: [main] }
  schedule: [{ cron: "7 * * * *" }]
permissions: { contents: read }
concurrency: { group: "mc-ingest-\${{ github.event_name == 'pull_request' && github.ref || 'apply' }}", cancel-in-progress: false }
jobs:
  plan:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    env:
      MCD_RESOURCE_UUID: \${{ secrets.MCD_RESOURCE_UUID }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      - uses: actions/cache/restore@v4
        with: { path: .mc-ingest, key: mc-ingest-state-none, restore-keys: mc-ingest-state- }
      - run: npx --yes mc-ingest@${version} validate --config ${file}
      - run: npx --yes mc-ingest@${version} plan --config ${file} --format markdown >> "$GITHUB_STEP_SUMMARY"
  apply:
    if: github.event_name != 'pull_request'
    runs-on: ubuntu-latest
    env:
${secrets}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      # The state file travels from run to run in the cache.
      - uses: actions/cache/restore@v4
        with: { path: .mc-ingest, key: mc-ingest-state-none, restore-keys: mc-ingest-state- }
      - run: npx --yes mc-ingest@${version} apply --yes --config ${file}
      - uses: actions/cache/save@v4
        if: always()
        with: { path: .mc-ingest, key: "mc-ingest-state-\${{ github.run_id }}-\${{ github.run_attempt }}" }
`;
}

function gitlab(file: string, version: string): string {
  return `# Merge requests: validate and plan. Default branch and schedules: apply.
# Set ${VARIABLES.join(', ')} as masked variables of the project.
.mc-ingest:
  image: node:20
  # The state file travels from run to run in the cache.
  cache: { key: mc-ingest-state, paths: [.mc-ingest/], when: always }

mc-ingest plan:
  extends: .mc-ingest
  cache: { key: mc-ingest-state, paths: [.mc-ingest/], policy: pull }
  rules: [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]
  script:
    - npx --yes mc-ingest@${version} validate --config ${file}
    - npx --yes mc-ingest@${version} plan --config ${file}

mc-ingest apply:
  extends: .mc-ingest
  resource_group: mc-ingest
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE == "push"
  script:
    - npx --yes mc-ingest@${version} apply --yes --config ${file}
`;
}

/** The workflow that validates and plans on a proposal, and applies on merge and on a schedule. */
export function workflow(
  system: 'github' | 'gitlab',
  options: { readonly file: string; readonly version: string },
): Workflow {
  if (system === 'github')
    return { path: '.github/workflows/mc-ingest.yml', text: github(options.file, options.version) };
  return { path: '.gitlab-ci.yml', text: gitlab(options.file, options.version) };
}
