/** The English catalogue: the shape that every other language must have. */
import { check } from './check.ts';
import { common, errors } from './common.ts';
import { conversation } from './conversation.ts';
import { governance } from './governance.ts';
import { groups, newGroup, rules } from './groups.ts';
import { invite, openInvite, waiting } from './invite.ts';
import { members } from './members.ts';
import { onboarding } from './onboarding.ts';
import { search } from './search.ts';
import { settings, shortcuts } from './settings.ts';
import { votes } from './votes.ts';

export const english = {
  common,
  errors,
  onboarding,
  groups,
  newGroup,
  rules,
  invite,
  openInvite,
  waiting,
  conversation,
  governance,
  check,
  votes,
  members,
  search,
  settings,
  shortcuts,
};
