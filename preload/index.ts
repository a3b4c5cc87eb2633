/**
 * What a page may do: call the App API and hear its events. Runs sandboxed beside the page; hands over plain data only,
 * never an object of Electron's.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { createBridge } from './bridge.ts';

contextBridge.exposeInMainWorld(
  'conclave',
  createBridge((channel, ...args) => ipcRenderer.invoke(channel, ...args)),
);
