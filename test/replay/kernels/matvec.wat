  (func (;matvec 1 84;) (param i32 i32 i32 i32 i32 i32 i32)
    (local v128 v128 v128 v128 v128 v128 i32 v128 v128 v128 v128 v128 v128 v128 v128)
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 7
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 8
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 9
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 10
    local.get 1
    i32.const 336
    i32.add
    local.set 13
    loop
      local.get 1
      v128.load
      local.set 11
      local.get 3
      v128.load
      local.set 12
      local.get 11
      local.get 12
      local.get 7
      f32x4.relaxed_madd
      local.set 7
      local.get 4
      v128.load
      local.set 12
      local.get 11
      local.get 12
      local.get 8
      f32x4.relaxed_madd
      local.set 8
      local.get 5
      v128.load
      local.set 12
      local.get 11
      local.get 12
      local.get 9
      f32x4.relaxed_madd
      local.set 9
      local.get 6
      v128.load
      local.set 12
      local.get 11
      local.get 12
      local.get 10
      f32x4.relaxed_madd
      local.set 10
      local.get 1
      i32.const 16
      i32.add
      local.set 1
      local.get 3
      i32.const 16
      i32.add
      local.set 3
      local.get 4
      i32.const 16
      i32.add
      local.set 4
      local.get 5
      i32.const 16
      i32.add
      local.set 5
      local.get 6
      i32.const 16
      i32.add
      local.set 6
      local.get 1
      local.get 13
      i32.lt_u
      br_if 0
    end
    local.get 7
    local.get 8
    i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
    local.set 14
    local.get 9
    local.get 10
    i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
    local.set 15
    local.get 7
    local.get 8
    i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
    local.set 16
    local.get 9
    local.get 10
    i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
    local.set 17
    local.get 14
    local.get 15
    i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
    local.set 18
    local.get 14
    local.get 15
    i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31
    local.set 19
    local.get 16
    local.get 17
    i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
    local.set 20
    local.get 16
    local.get 17
    i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31
    local.set 21
    local.get 0
    local.get 18
    local.get 19
    f32x4.add
    local.get 20
    local.get 21
    f32x4.add
    f32x4.add
    v128.store
  )
