  (func (;dot 3x3;) (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32)
    local.get 3
    if
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 10
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 11
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 12
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 13
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 14
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 15
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 16
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 17
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 18
    else
      local.get 2
      v128.load
      local.set 10
      local.get 2
      v128.load offset=16
      local.set 11
      local.get 2
      v128.load offset=32
      local.set 12
      local.get 2
      v128.load offset=48
      local.set 13
      local.get 2
      v128.load offset=64
      local.set 14
      local.get 2
      v128.load offset=80
      local.set 15
      local.get 2
      v128.load offset=96
      local.set 16
      local.get 2
      v128.load offset=112
      local.set 17
      local.get 2
      v128.load offset=128
      local.set 18
    end
    loop
      local.get 0
      i32.load offset=4
      local.set 23
      local.get 7
      local.get 23
      i32.add
      v128.load
      local.set 19
      local.get 8
      local.get 23
      i32.add
      v128.load
      local.set 20
      local.get 9
      local.get 23
      i32.add
      v128.load
      local.set 21
      local.get 0
      i32.load
      local.set 23
      local.get 4
      local.get 23
      i32.add
      v128.load
      local.set 22
      local.get 22
      local.get 19
      local.get 10
      f32x4.relaxed_madd
      local.set 10
      local.get 22
      local.get 20
      local.get 11
      f32x4.relaxed_madd
      local.set 11
      local.get 22
      local.get 21
      local.get 12
      f32x4.relaxed_madd
      local.set 12
      local.get 5
      local.get 23
      i32.add
      v128.load
      local.set 22
      local.get 22
      local.get 19
      local.get 13
      f32x4.relaxed_madd
      local.set 13
      local.get 22
      local.get 20
      local.get 14
      f32x4.relaxed_madd
      local.set 14
      local.get 22
      local.get 21
      local.get 15
      f32x4.relaxed_madd
      local.set 15
      local.get 6
      local.get 23
      i32.add
      v128.load
      local.set 22
      local.get 22
      local.get 19
      local.get 16
      f32x4.relaxed_madd
      local.set 16
      local.get 22
      local.get 20
      local.get 17
      f32x4.relaxed_madd
      local.set 17
      local.get 22
      local.get 21
      local.get 18
      f32x4.relaxed_madd
      local.set 18
      local.get 0
      i32.const 8
      i32.add
      local.set 0
      local.get 0
      local.get 1
      i32.lt_u
      br_if 0
    end
    local.get 2
    local.get 10
    v128.store
    local.get 2
    local.get 11
    v128.store offset=16
    local.get 2
    local.get 12
    v128.store offset=32
    local.get 2
    local.get 13
    v128.store offset=48
    local.get 2
    local.get 14
    v128.store offset=64
    local.get 2
    local.get 15
    v128.store offset=80
    local.get 2
    local.get 16
    v128.store offset=96
    local.get 2
    local.get 17
    v128.store offset=112
    local.get 2
    local.get 18
    v128.store offset=128
  )
