/** Who we are, as the node tells it. */
import { create } from 'zustand';
import type { Result } from '../../shared/api/methods.ts';
import type { MemberId } from '../../shared/model/ids.ts';
import { call } from './call.ts';
import { failedUnlessShown, loading, ready, valueOf, type Remote } from './remote.ts';

export type IdentityStatus = Result<'identity.status'>;

export const useIdentity = create<{ readonly status: Remote<IdentityStatus> }>()(() => ({ status: loading }));

export async function loadIdentity(): Promise<void> {
  try {
    useIdentity.setState({ status: ready(await call('identity.status', {})) });
  } catch (error) {
    useIdentity.setState((state) => ({ status: failedUnlessShown(state.status, error) }));
  }
}

export async function retryIdentity(): Promise<void> {
  useIdentity.setState({ status: loading });
  await loadIdentity();
}

export const ownMemberId = (): MemberId | undefined => valueOf(useIdentity.getState().status)?.memberId;

/** The own member id, for a component. */
export const useSelf = (): MemberId | undefined => useIdentity((state) => valueOf(state.status)?.memberId);
