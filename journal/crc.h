/* CRC-32C (Castagnoli), with the processor's instruction where there is one. */
#ifndef RFX_JOURNAL_CRC_H
#define RFX_JOURNAL_CRC_H

#include "core/base.h"

/* The sum of `size` bytes, going on from `crc`: that of nothing is any start value. Any thread. */
uint32_t rfx_crc(uint32_t crc, const void *data, size_t size);

/* The same, bit by bit; the reference of rfx_crc() and its way on other processors. */
uint32_t rfx_crc_plain(uint32_t crc, const void *data, size_t size);

#endif
