/*
 * Copyright (C) recs authors
 *
 * BLAS is OpenBLAS, which chooses its kernels by a list of processor models.
 * One that is newer than the list gets those of 2004, at a fifth of the
 * speed.
 */

#ifndef _RECS_BUILDER_BLAS_H_INCLUDED_
#define _RECS_BUILDER_BLAS_H_INCLUDED_


/*
 * Makes it choose by what the processor can do, where it found nothing
 * better and OPENBLAS_CORETYPE does not say.  Called once, before anything
 * else of BLAS.
 */

void recs_blas_init(void);


#endif /* _RECS_BUILDER_BLAS_H_INCLUDED_ */
