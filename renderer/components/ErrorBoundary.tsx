/** Keeps a fault in one part of the window from taking the rest with it. */
import { Component, type ReactNode } from 'react';
import { text } from '../text/index.ts';
import { Button } from './Button.tsx';

export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    if (!this.state.crashed) return this.props.children;
    return (
      <div className="state state-fill" role="alert">
        <h2>{text.errors.headings.crashed}</h2>
        <p>{text.errors.crashedBody}</p>
        <Button onClick={() => this.setState({ crashed: false })}>{text.errors.showAgain}</Button>
      </div>
    );
  }
}
