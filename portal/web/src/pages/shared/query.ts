/** For `http.GET(path, { querySerializer: COMMAS })`: the gateway takes lists between commas, not repeated. */
export const COMMAS = { array: { style: 'form', explode: false } } as const;
