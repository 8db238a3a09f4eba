#!/usr/bin/env python3
"""The peers of bench/models, and what either side reached.

    models.py cosine|bm25 TRAIN K OUT
    models.py als TRAIN FACTORS ITERATIONS OUT
    models.py ease TRAIN LAMBDA K OUT
    models.py lexsort CLICKS
    models.py clicks N OUT
    models.py popular TRAIN TEST N TRAIN-OUT TEST-OUT
    models.py recall-lists|recall-factors TRAIN TEST FILE

TRAIN and TEST have lines "user item item ...".  Lists and factors are files
as bench/models.c writes them.
"""

import sys
import time
import warnings

import numpy as np
import scipy.sparse as sp

ENTRY = np.dtype([('row', 'u4'), ('item', 'u4'), ('weight', 'f4')])


def pairs(path):
    rows, items = [], []
    with open(path) as lines:
        for line in lines:
            user, *words = line.split()
            rows += [int(user)] * len(words)
            items += [int(w) for w in words]
    return np.array(rows, 'u4'), np.array(items, 'u4')


def matrix(path, shape=None):
    rows, items = pairs(path)
    return sp.csr_matrix((np.ones(len(rows), 'f4'), (rows, items)), shape)


def both(train, test):
    (a, b), (c, d) = pairs(train), pairs(test)
    shape = (max(a.max(), c.max()) + 1, max(b.max(), d.max()) + 1)
    return matrix(train, shape), matrix(test, shape)


def timed(function):
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def lists(model, train, k, out):
    from implicit.nearest_neighbours import BM25Recommender
    from implicit.nearest_neighbours import CosineRecommender

    x = matrix(train)
    peer = {'cosine': CosineRecommender, 'bm25': BM25Recommender}[model](
        K=int(k), num_threads=2)
    seconds, _ = timed(lambda: peer.fit(x, show_progress=False))
    print('seconds %.4f' % seconds)
    save(out, peer.similarity.tocoo())


def save(out, b):
    keep = b.row != b.col
    entries = np.zeros(keep.sum(), ENTRY)
    entries['row'] = b.row[keep]
    entries['item'] = b.col[keep]
    entries['weight'] = b.data[keep]
    entries.tofile(out)


def als(train, factors, iterations, out):
    from implicit.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    x, n = matrix(train), int(iterations)

    def fit(times):
        peer = AlternatingLeastSquares(
            factors=int(factors), iterations=times, alpha=100,
            regularization=1, num_threads=2, use_gpu=False, random_state=1)
        peer.fit(x, show_progress=False)
        return peer

    with threadpool_limits(1, 'blas'):
        once, _ = timed(lambda: fit(1))
        seconds, peer = timed(lambda: fit(n))

    print('seconds %.4f' % ((seconds - once) / max(n - 1, 1)))

    with open(out, 'wb') as f:
        np.array([x.shape[0], x.shape[1], peer.factors], 'u4').tofile(f)
        np.arange(x.shape[0], dtype='u4').tofile(f)
        np.arange(x.shape[1], dtype='u4').tofile(f)
        peer.user_factors.astype('f4').tofile(f)
        peer.item_factors.astype('f4').tofile(f)


def ease(train, ridge, k, out):
    x, k = matrix(train), int(k)

    def fit():
        g = (x.T @ x).toarray()
        g[np.diag_indices_from(g)] += float(ridge)
        p = np.linalg.inv(g)
        b = p / -np.diag(p)
        b[np.diag_indices_from(b)] = 0
        kept = np.argpartition(-np.abs(b), k, axis=1)[:, :k]
        return kept, np.take_along_axis(b, kept, 1)

    seconds, (kept, weights) = timed(fit)
    print('seconds %.4f' % seconds)
    rows = np.repeat(np.arange(len(kept)), k)
    save(out, sp.coo_matrix((weights.ravel(), (rows, kept.ravel()))))


def clicks(n, out):
    """Sessions of five clicks in half an hour, products by a power law."""

    n = int(n)
    random = np.random.default_rng(7)
    start = np.sort(random.integers(0, 90 * 86400, n // 5))
    session = np.concatenate([np.arange(n // 5),
                              random.integers(0, n // 5, n - n // 5)])
    when = 1600000000 + start[session] + random.integers(0, 1800, n)
    item = (200000 * random.random(n) ** 3).astype('u4')
    order = np.argsort(when, kind='stable')
    np.stack([session[order], when[order], item[order]], 1) \
        .astype('u4').tofile(out)


def lexsort(path):
    data = np.fromfile(path, 'u4').reshape(-1, 3)
    session, when = data[:, 0].copy(), data[:, 1].copy()
    seconds, _ = timed(lambda: np.lexsort((when, session)))
    print('seconds %.4f' % seconds)


def popular(train, test, n, train_out, test_out):
    a, b = both(train, test)
    keep = np.argsort(-np.bincount(a.indices, minlength=a.shape[1]),
                      kind='stable')[:int(n)]
    for x, out in ((a, train_out), (b, test_out)):
        x = x[:, keep].tocsr()
        with open(out, 'w') as f:
            for u in range(x.shape[0]):
                row = x.indices[x.indptr[u]:x.indptr[u + 1]]
                print(u, *row, file=f)


def recall_lists(train, test, path):
    a, b = both(train, test)
    e = np.fromfile(path, ENTRY)
    w = sp.csr_matrix((e['weight'], (e['row'], e['item'])),
                      (a.shape[1], a.shape[1]))
    recall(a, b, lambda u: (a[u] @ w).toarray())


def recall_factors(train, test, path):
    a, b = both(train, test)
    raw = np.fromfile(path, 'u4')
    users, items, factors = raw[:3]
    left = np.zeros((a.shape[0], factors), 'f4')
    right = np.zeros((a.shape[1], factors), 'f4')
    values = raw[3 + users + items:].view('f4').reshape(-1, factors)
    left[raw[3:3 + users]] = values[:users]
    right[raw[3 + users:3 + users + items]] = values[users:]
    recall(a, b, lambda u: left[u] @ right.T)


def recall(train, test, scores, k=20, users=5000):
    """R@20 and NDCG@20 of some users who have something in TEST."""

    gain = 1 / np.log2(np.arange(2, k + 2))
    hits, gains = [], []
    some = np.random.default_rng(1).permutation(train.shape[0])[:users]

    for first in range(0, len(some), 500):
        block = some[first:first + 500]
        s, seen, right = scores(block), train[block], test[block]
        s[seen.nonzero()] = -np.inf
        best = np.argpartition(-s, k, axis=1)[:, :k]

        for u in range(s.shape[0]):
            wanted = right.indices[right.indptr[u]:right.indptr[u + 1]]
            if len(wanted):
                order = best[u][np.argsort(-s[u, best[u]], kind='stable')]
                hit = np.isin(order, wanted)
                hits.append(hit.sum() / len(wanted))
                gains.append(gain[hit].sum() / gain[:len(wanted)].sum())

    print('R@20 %.4f N@20 %.4f' % (np.mean(hits), np.mean(gains)))


def main():
    warnings.simplefilter('ignore')
    name, *words = sys.argv[1:]

    if name in ('cosine', 'bm25'):
        lists(name, *words)
    else:
        {'als': als, 'ease': ease, 'clicks': clicks, 'lexsort': lexsort,
         'popular': popular, 'recall-lists': recall_lists,
         'recall-factors': recall_factors}[name](*words)


main()
