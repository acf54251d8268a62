import { posix } from 'node:path';

/** A workflow file of a CI system: where it goes, and what it says. */
export interface Workflow {
  readonly path: string;
  readonly text: string;
}

/** What the workflows need to know: the file as given, and the version of the tool that wrote them. */
interface Project {
  readonly file: string;
  readonly version: string;
}

const VARIABLES = ['MCD_INGEST_ID', 'MCD_INGEST_TOKEN', 'MCD_ID', 'MCD_TOKEN', 'MCD_RESOURCE_UUID'];

// Pinned by commit: a tag can be moved to other code, and these jobs hold keys.
const CHECKOUT = 'actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2';
const SETUP_NODE = 'actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0';
const CACHE = '5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3';

/** A word of a shell command inside a YAML line. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The folder of the state, beside the file. */
function stateFolder(file: string): string {
  return posix.join(posix.dirname(file.replaceAll('\\', '/')), '.mc-ingest');
}

function command({ file, version }: Project, words: string): string {
  return `npx --yes mc-ingest@${version} ${words} --config ${quoted(file)}`;
}

function github(project: Project): string {
  const secrets = VARIABLES.map((name) => `      ${name}: \${{ secrets.${name} }}`).join('\n');
  const folder = JSON.stringify(stateFolder(project.file));
  const setUp = `      - uses: ${CHECKOUT}
        with: { persist-credentials: false }
      - uses: ${SETUP_NODE}
        with: { node-version: 20 }
      # The state file travels from run to run in the cache.
      - uses: actions/cache/restore@${CACHE}
        with: { path: ${folder}, key: mc-ingest-state-none, restore-keys: mc-ingest-state- }`;
  return `# Pull requests: the plan, as a comment. Merge and schedule: apply.
name: mc-ingest
on:
  pull_request:
  push: { branches: [main] }
  schedule: [{ cron: "7 * * * *" }]
permissions: { contents: read }
concurrency:
  group: "mc-ingest-\${{ github.event_name == 'pull_request' && github.ref || 'apply' }}"
  cancel-in-progress: false
jobs:
  plan:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    permissions: { contents: read, pull-requests: write }
    # No key of Monte Carlo here: plan needs none, and a pull request must not get at one.
    env:
      MCD_RESOURCE_UUID: \${{ secrets.MCD_RESOURCE_UUID }}
    steps:
${setUp}
      # plan reports every problem of the file, too, and needs no secret of a source.
      - run: |
          ${command(project, 'plan --format markdown')} > "$RUNNER_TEMP/plan.md"
          cat "$RUNNER_TEMP/plan.md" >> "$GITHUB_STEP_SUMMARY"
      # A pull request from a fork may not comment; the summary of the job has the plan too.
      - if: github.event.pull_request.head.repo.full_name == github.repository
        env:
          GH_TOKEN: \${{ github.token }}
          GH_REPO: \${{ github.repository }}
          NUMBER: \${{ github.event.pull_request.number }}
        run: |
          gh pr comment "$NUMBER" --edit-last --body-file "$RUNNER_TEMP/plan.md" ||
            gh pr comment "$NUMBER" --body-file "$RUNNER_TEMP/plan.md"
  apply:
    if: github.event_name != 'pull_request'
    runs-on: ubuntu-latest
    env:
${secrets}
      # and the secrets that the file reads for its sources: PGPASSWORD: \${{ secrets.PGPASSWORD }}
    steps:
${setUp}
      - run: |
          ${command(project, 'apply --yes')}
      - uses: actions/cache/save@${CACHE}
        if: always()
        with: { path: ${folder}, key: "mc-ingest-state-\${{ github.run_id }}-\${{ github.run_attempt }}" }
`;
}

function gitlab(project: Project): string {
  const paths = `[${JSON.stringify(`${stateFolder(project.file)}/`)}]`;
  return `# Merge requests: plan. Default branch and schedules: apply.
# Set ${VARIABLES.join(', ')} as masked variables of the project, the keys as protected ones too,
# and so the secrets that the file reads for its sources.
.mc-ingest:
  image: node:20
  # The state file travels from run to run in the cache.
  cache: { key: mc-ingest-state, paths: ${paths}, when: always }

mc-ingest plan:
  extends: .mc-ingest
  cache: { key: mc-ingest-state, paths: ${paths}, policy: pull }
  rules: [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]
  script:
    # plan reports every problem of the file, too, and needs no secret of a source.
    - |
      ${command(project, 'plan --format markdown')} > plan.md
    - cat plan.md
  artifacts: { paths: [plan.md], expose_as: mc-ingest plan }

mc-ingest apply:
  extends: .mc-ingest
  resource_group: mc-ingest
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE == "push"
  script:
    - |
      ${command(project, 'apply --yes')}
`;
}

/** The workflow that validates and plans on a proposal, and applies on merge and on a schedule. */
export function workflow(system: 'github' | 'gitlab', project: Project): Workflow {
  if (system === 'github') return { path: '.github/workflows/mc-ingest.yml', text: github(project) };
  return { path: '.gitlab-ci.yml', text: gitlab(project) };
}
