import type { Answer } from '../workers/give-up';
import { type ApplyJudgement, notJudged } from './judgement';

/** The judgement that an answer of the module holds; not judged where there is none. */
export function judgementOf(answer: Answer): ApplyJudgement {
  return 'json' in answer ? (JSON.parse(answer.json) as ApplyJudgement) : notJudged(answer.gaveUp);
}
