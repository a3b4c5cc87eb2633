/** `member.*`: what is done to a member. Ids are compared as text below, so they are brought to their one form here. */
import type { MemberId } from '../../shared/model/ids.ts';
import { readMemberId, type Messenger } from '../messenger/contract.ts';
import type { Method } from '../../shared/api/methods.ts';
import { invalidField } from './params.ts';
import { route, type Routes } from './route.ts';

export function memberRoutes(messenger: Messenger): Routes<'member'> {
  return {
    'member.remove': route('member.remove', (params) =>
      messenger['member.remove']({ ...params, memberId: requireMemberId('member.remove', params.memberId) }),
    ),
    'member.safetyNumber': route('member.safetyNumber', ({ memberId }) =>
      messenger['member.safetyNumber']({ memberId: requireMemberId('member.safetyNumber', memberId) }),
    ),
    'member.setVerified': route('member.setVerified', (params) =>
      messenger['member.setVerified']({
        ...params,
        memberId: requireMemberId('member.setVerified', params.memberId),
      }),
    ),
  };
}

/** The id with its EIP-55 checksum. Throws ApiError INVALID_PARAMS when mixed letters do not fit the digits. */
function requireMemberId(method: Method, text: string): MemberId {
  const memberId = readMemberId(text);
  if (memberId === undefined) throw invalidField(method, 'memberId', 'the checksum (EIP-55) does not fit');
  return memberId;
}
