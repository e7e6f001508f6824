/* Numbered batches, each over three sessions, that can be told from each other: what a crash has
 * left is some number of whole ones. */
#ifndef RFX_TESTS_SUPPORT_BATCHES_H
#define RFX_TESTS_SUPPORT_BATCHES_H

#include "tests/unit/support_journal.h"

#define BATCHES_A "FIX.4.4:SERVER->A" /* three messages a batch */
#define BATCHES_B "FIX.4.4:SERVER->B" /* one message a batch */
#define BATCHES_C "FIX.4.4:SERVER->C" /* reset by every seventh batch */

/* The sessions; returns the number of the next batch, from 1. */
uint64_t batches_attach(struct journal_rig *rig, uint32_t slots[3]);

void batches_append(struct journal_rig *rig, uint64_t batch, const uint32_t slots[3]);

/* Everything of the batches up to the last one, and nothing beyond. Returns its number. */
uint64_t batches_expect_whole(struct journal_rig *rig);

#endif
