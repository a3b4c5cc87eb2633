/** The app's sign: members around nobody in the middle. */
export function Mark() {
  const around = [0, 60, 120, 180, 240, 300];
  return (
    <svg className="onboarding-mark" viewBox="0 0 48 48" aria-hidden>
      {around.map((degrees) => (
        <circle key={degrees} cx="24" cy="8" r="5" fill="currentColor" transform={`rotate(${degrees} 24 24)`} />
      ))}
    </svg>
  );
}
