import fc from 'fast-check';

// One seed unless another is asked for: a change is judged by what it changes. FC_SEED=… looks elsewhere.
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_124) });
