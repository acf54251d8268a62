import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { readProject } from './project.ts';
import { type StateFlags, state } from './state.ts';

/** What is typed: where the file is, not where its state is. */
export type StateCommandFlags = Omit<StateFlags, 'statePath' | 'project'> & { readonly config: string };

/** `mc-ingest state ACTION`: finds the state of the configuration's project, and works on that. */
export async function stateCommand(context: CliContext, flags: StateCommandFlags): Promise<ExitCode> {
  const config = await readProject(context, flags, 'defer');
  return state(context, { ...flags, statePath: config.state.path, project: config.project });
}
